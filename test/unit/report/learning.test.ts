import { test } from 'tap';

import { filterReasons } from '../../../src/game/rule-filter.ts';
import { learningOf, learningText } from '../../../src/run/learning.ts';
import { stepMetrics } from '../../../src/training/step-metrics.ts';
import type { StepMetrics, UpdateFacts } from '../../../src/types/step-metrics.ts';
import { withProposer } from '../../material/training/with-proposer.ts';

/** A step with so many optimizer steps and these rejections among its proposals. */
function step(
  number: number,
  optimizerSteps: number,
  rejected: Record<string, number> = {},
): StepMetrics {
  const beside = { step: number, dummies: 0, poolQuestions: 0, updates: {}, validation: null };
  const metrics = stepMetrics([], { ...beside, isProposed: true });
  const empty = withProposer(metrics, { episodes: 10, rejected });
  const combined = { optimizerSteps } as UpdateFacts;
  return {
    ...empty,
    updates: optimizerSteps === 0 ? {} : { combined },
    watch: [],
  };
}

test('a run that learnt nothing says so, and why', (t) => {
  const learning = learningOf([
    step(0, 0),
    step(1, 0, { 'no-question': 6, 'wrong-answer': 2 }),
    step(2, 0, { 'no-question': 5, 'wrong-answer': 4 }),
  ]);
  t.same(learning, {
    ...{ steps: 2, updated: 0 },
    leading: { reason: 'no-question', count: 11, proposals: 20 },
    given: undefined,
  });
  t.match(
    learningText(learning),
    /^updates in 0 of 2 steps; most rejected: no-question \(11 of 20 proposals\): the proposer writes no/,
  );
  t.end();
});

test('on given questions it says whether they were too hard or too easy', (t) => {
  const given = (number: number, solver: Partial<StepMetrics['solver']>): StepMetrics => {
    const metrics = step(number, 0);
    return { ...metrics, proposer: null, solver: { ...metrics.solver, ...solver } };
  };
  const hard = learningOf([
    given(0, {}),
    given(1, { groups: 4, mixedGroups: 1, reward: 0.05 }),
    given(2, { groups: 4, mixedGroups: 0, reward: 0 }),
  ]);
  t.match(
    learningText(hard),
    /^updates in 0 of 2 steps; unlike rewards in 1 of 8 groups, mean 0\.03: take easier questions/,
  );
  const easy = learningOf([given(1, { groups: 4, mixedGroups: 0, reward: 1 })]);
  t.match(learningText(easy), /in 0 of 4 groups, mean 1\.00: take harder questions$/);
  t.equal(learningText(learningOf([given(1, {})])), 'updates in 0 of 1 steps');
  t.end();
});

test('one that learnt says in how many steps, and no more', (t) => {
  const learning = learningOf([step(1, 2, { empty: 3 }), step(2, 1), step(3, 0)]);
  t.equal(learningText(learning), 'updates in 2 of 3 steps');
  t.equal(learningText(learningOf([])), 'updates in 0 of 0 steps');
  t.end();
});

test('every reason of filter and verification has a remedy of its own', (t) => {
  for (const reason of [...filterReasons, 'no-answer', 'length-limit', 'wrong-answer']) {
    t.notMatch(learningText(learningOf([step(1, 0, { [reason]: 1 })])), /ssp play/, reason);
  }
  t.match(learningText(learningOf([step(1, 0, { other: 1 })])), /ssp play/);
  t.end();
});
