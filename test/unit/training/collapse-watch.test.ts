import { test } from 'tap';

import { watchConfig } from '../../../src/config/training.ts';
import { SspError } from '../../../src/errors/error.ts';
import { checkFailures, watchStep } from '../../../src/training/collapse-watch.ts';
import { stepMetrics } from '../../../src/training/step-metrics.ts';
import type { StepMetrics, UpdateFacts } from '../../../src/types/step-metrics.ts';
import { withProposer } from '../../material/training/with-proposer.ts';
import { scriptedStep, unreachable } from './scripted-rollouts.ts';

const nothing = { dummies: 0, poolQuestions: 0, updates: {}, validation: null, isProposed: true };
const empty = stepMetrics([], { step: 1, ...nothing });

function withValidRate(validRate: number | null): Omit<StepMetrics, 'watch'> {
  return withProposer(empty, { validRate });
}

test('an alarm is due after so many steps in a row, and again at each further one', (t) => {
  const config = watchConfig.parse({
    optimizerSteps: {},
    validRate: { min: 0.5, patience: 2, action: 'rollback' },
  });
  let streaks = {};
  const actions = [0.4, 0.6, 0.4, 0.3, 0.2, 0.9].map((rate) => {
    const watched = watchStep(withValidRate(rate), config, streaks);
    streaks = watched.streaks;
    return watched.events.map(({ measure, value, limit, action }) => [
      measure,
      value,
      limit,
      action,
    ]);
  });
  t.same(actions, [
    [],
    [],
    [],
    [['validRate', 0.3, 0.5, 'rollback']],
    [['validRate', 0.2, 0.5, 'rollback']],
    [],
  ]);
  t.end();
});

test('steps without an update are an alarm by default', (t) => {
  const config = watchConfig.parse({});
  const idle = withValidRate(1);
  const { events } = watchStep(idle, config, { optimizerSteps: 2 });
  t.match(
    events.find(({ measure }) => measure === 'optimizerSteps'),
    { value: 0, limit: 1, action: 'warn' },
  );
  t.end();
});

test('a measure that a step does not have is no alarm', (t) => {
  const config = watchConfig.parse({ optimizerSteps: {}, validRate: { min: 0.5, patience: 1 } });
  t.same(watchStep(withValidRate(null), config, {}), { events: [], streaks: {} });
  t.end();
});

const update: UpdateFacts = {
  ...{ sequences: 1, trainedTokens: 1, optimizerSteps: 1, loss: 0, learningRate: 1, oldKl: 0 },
  ...{ clipFractionLow: 0, clipFractionHigh: 0, samplerGapMax: 9 },
  ...{ entropy: 2, referenceKl: null, gradientNorm: 30, samplerGapMean: 0.5 },
};
/** A step whose measures all differ. */
const busy: Omit<StepMetrics, 'watch'> = {
  ...withProposer(empty, {
    ...{ validRate: 0.1, responseTokens: 120, searches: 7, reward: 0.7 },
    ...{ episodes: 4, failures: { judge: 1 } },
  }),
  verifier: { ...empty.solver, episodes: 6, failures: { policy: 2 } },
  solver: {
    ...{ ...empty.solver, reward: 0.3, searches: 1.5, responseTokens: 80 },
    ...{ episodes: 10, outcomes: { answered: 6, 'no-answer': 2, failed: 2 } },
    failures: { search: 2, judge: 1 },
  },
  updates: {
    solver: update,
    proposer: { ...update, entropy: 4, referenceKl: 0.25, gradientNorm: 50, samplerGapMean: 1 },
  },
};

test('without a proposer its measures are no alarm', (t) => {
  const config = watchConfig.parse({
    ...{ validRate: { min: 1, patience: 1 }, optimizerSteps: {} },
    proposerResponseTokens: { min: 1, max: 1, patience: 1 },
  });
  const given = stepMetrics([], { step: 1, ...nothing, isProposed: false });
  t.same(watchStep(given, config, {}), { events: [], streaks: {} });
  t.end();
});

test('each measure is read from its place; on its limit it is not past it', (t) => {
  const wanted = {
    ...{ optimizerSteps: 2, validRate: 0.1, solverSearches: 1.5, solverReward: 0.3 },
    ...{ proposerResponseTokens: 120, solverResponseTokens: 80 },
    // The mean of the two updates, of those that have it.
    ...{ entropy: 3, referenceKl: 0.25, gradientNorm: 40, samplerGap: 0.75 },
    // 2 of the 8 that ended; 1 + 2 + 3 of 20 episodes.
    ...{ noAnswerShare: 0.25, failedShare: 0.3 },
  };
  const limited = (limit: (value: number) => object) => {
    const rules = Object.entries(wanted).map(([measure, value]) => [
      measure,
      { patience: 1, ...limit(value) },
    ]);
    const config = watchConfig.parse(Object.fromEntries(rules));
    return watchStep(busy, config, {}).events.map(({ measure, value }) => [measure, value]);
  };
  t.same(Object.fromEntries(limited((value) => ({ min: value + 1e-6 }))), wanted);
  t.same(Object.fromEntries(limited((value) => ({ max: value - 1e-6 }))), wanted);
  t.same(
    limited((value) => ({ min: value, max: value })),
    [],
  );
  t.end();
});

test('too many failures stop the step with their kinds and the first reason', (t) => {
  const { rollouts } = scriptedStep({ proposer: () => '', solver: () => '' });
  const failing = {
    ...empty,
    solver: { ...empty.solver, episodes: 10, failures: { policy: 0, search: 2, judge: 1 } },
  };
  t.throws(
    () => {
      checkFailures(failing, 0.2, rollouts);
    },
    {
      code: 'SSP_TRAINING_FAILURES',
      message: /Step 1: 3 of 10 episodes failed \(search 2, judge 1\)/,
    },
  );
  t.doesNotThrow(() => {
    checkFailures(failing, 0.3, rollouts);
  });
  rollouts.noteFailure(new SspError('SSP_INTERRUPTED', { progress: '', resume: '' }));
  t.doesNotThrow(() => {
    checkFailures(empty, 0, rollouts);
  });
  rollouts.noteFailure(unreachable());
  rollouts.noteFailure(new SspError('SSP_INTERRUPTED', { progress: '', resume: '' }));
  t.throws(
    () => {
      checkFailures(busy, 0.2, rollouts);
    },
    { message: /6 of 20 .*\(policy 2, search 2, judge 2\).*SSP_SERVICE_UNREACHABLE/s },
    'the first reason of this step',
  );
  t.end();
});
