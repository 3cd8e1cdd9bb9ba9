import fc from 'fast-check';
import { test } from 'tap';

import { miniBatches } from '../../../src/training/mini-batches.ts';
import type { Sample } from '../../../src/training/samples.ts';
import { warmUp } from '../../../src/training/trainer.ts';

type Rollout = Pick<Sample, 'index' | 'role'>;

const proposers = (count: number): Rollout[] =>
  Array.from({ length: count }, (_, index) => ({ role: 'proposer', index }));
const solvers = (count: number, attempts: number, from = 0): Rollout[] =>
  Array.from({ length: count * attempts }, (_, i) => ({
    ...{ role: 'solver', index: from + Math.floor(i / attempts) },
  }));
const division = {
  batchQuestions: 32,
  miniBatchQuestions: 32,
  proposerMiniBatchQuestions: undefined,
  miniBatchesOf: 'rollouts',
} as const;
const sizes = (rollouts: readonly Rollout[], changes: object): number[] =>
  miniBatches(rollouts, (one) => one, { ...division, ...changes }).map(({ length }) => length);

test('one step where one is configured, however many questions are reused', (t) => {
  // 32 proposals, 20 valid, 12 reused at indexes 32 to 43.
  const rollouts = [...proposers(32), ...solvers(20, 5), ...solvers(12, 5, 32)];
  t.same(sizes(rollouts, {}), [192]);
  t.same(sizes(rollouts, { miniBatchQuestions: 16 }), [96, 96]);
  t.same(sizes(rollouts, { miniBatchesOf: 'questions' }), [132, 60], 'a rest of its own');
  t.end();
});

test('the released code: one step of the proposer, two of the solver', (t) => {
  const released = {
    ...{ batchQuestions: 256, miniBatchQuestions: 128, proposerMiniBatchQuestions: 256 },
  };
  t.same(sizes(proposers(256), released), [256]);
  t.same(sizes(solvers(256, 5), released), [640, 640]);
  t.same(sizes(proposers(256), { ...released, proposerMiniBatchQuestions: undefined }), [128, 128]);
  t.end();
});

test('a part has the rollouts of neighbouring records, the proposer’s first', (t) => {
  const both = [...proposers(4), ...solvers(4, 2)];
  const halves = { ...division, batchQuestions: 4, miniBatchQuestions: 2 };
  const parts = miniBatches(both, (one) => one, halves);
  t.same(
    parts.map((part) => part.map(({ role, index }) => `${role[0]}${index}`).join(' ')),
    ['p0 p1 s0 s0 s1 s1', 'p2 p3 s2 s2 s3 s3'],
  );
  t.end();
});

test('every rollout is in one part, and parts differ by one at most', (t) => {
  fc.assert(
    fc.property(fc.nat(40), fc.nat(12), fc.integer({ min: 1, max: 9 }), (p, s, count) => {
      const rollouts = [...proposers(p), ...solvers(s, 3)];
      const found = sizes(rollouts, { batchQuestions: count, miniBatchQuestions: 1 });
      const sum = found.reduce((all, size) => all + size, 0);
      return (
        sum === rollouts.length &&
        found.length === Math.min(count, rollouts.length) &&
        Math.max(0, ...found) - Math.min(Infinity, ...found) <= 1
      );
    }),
  );
  t.end();
});

test('the warm-up: of steps from one part, of updates from 0', (t) => {
  const shares = (warmupOf: 'steps' | 'updates', warmupSteps = 5): number[] =>
    [0, 1, 2, 3].flatMap((step) =>
      [0, 1].map((part) => warmUp({ warmupSteps, warmupOf }, step, part, 2)),
    );
  t.same(shares('steps'), [0.2, 0.2, 0.4, 0.4, 0.6, 0.6, 0.8, 0.8]);
  t.same(shares('updates'), [0, 0.2, 0.4, 0.6, 0.8, 1, 1, 1], 'over in 2.5 iterations');
  t.same(shares('updates', 0), [1, 1, 1, 1, 1, 1, 1, 1]);
  t.end();
});
