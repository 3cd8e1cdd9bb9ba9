import { test } from 'tap';

import { watchConfig } from '../../src/config/watch.ts';
import { watchStep } from '../../src/training/collapse-watch.ts';
import { checkFailures } from '../../src/training/failures.ts';
import { stepMetrics } from '../../src/training/step-metrics.ts';
import type { StepMetrics } from '../../src/types/step-metrics.ts';
import { scriptedStep } from './scripted-table.ts';

const nothing = { dummies: 0, poolQuestions: 0, updates: {}, validation: null };
const empty = stepMetrics([], { step: 1, ...nothing });

function withValidRate(validRate: number | null): Omit<StepMetrics, 'watch'> {
  return { ...empty, proposer: { ...empty.proposer, validRate } };
}

test('an alarm is due after so many steps in a row, and again at each further one', (t) => {
  const config = watchConfig.parse({
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

test('a measure that a step does not have is no alarm', (t) => {
  const config = watchConfig.parse({ validRate: { min: 0.5, patience: 1 } });
  t.same(watchStep(withValidRate(null), config, {}), { events: [], streaks: {} });
  t.end();
});

test('too many failures stop the step with their kinds and the first reason', (t) => {
  const { table } = scriptedStep({ proposer: () => '', solver: () => '' });
  const failing = {
    ...empty,
    solver: { ...empty.solver, episodes: 10, failures: { policy: 0, search: 2, judge: 1 } },
  };
  t.throws(
    () => {
      checkFailures(failing, 0.2, table);
    },
    {
      code: 'SSP_TRAINING_FAILURES',
      message: /Step 1: 3 of 10 episodes failed \(search 2, judge 1\)/,
    },
  );
  t.doesNotThrow(() => {
    checkFailures(failing, 0.3, table);
  });
  t.doesNotThrow(() => {
    checkFailures(empty, 0, table);
  });
  t.end();
});
