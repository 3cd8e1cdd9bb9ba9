import { test } from 'tap';

import type { EpisodeRecord } from '../../../src/types/episode.ts';
import type { Learner } from '../../../src/warm-start/supervised.ts';
import { learnFrom, learningRateAt, meanLoss } from '../../../src/warm-start/supervised.ts';

const { signal } = new AbortController();

/** Prompt of two tokens, then what was said, with a result in between. */
function episode(first: readonly number[], last: readonly number[]): EpisodeRecord {
  const action = { kind: 'none', reason: 'no-tag' } as const;
  const sampled = (tokens: readonly number[]) =>
    ({ kind: 'sampled', tokens, logProbs: [], text: '', action }) as const;
  const result = { kind: 'result', query: 'q', passages: [], tokens: [8, 9] } as const;
  return {
    ...{ role: 'solver', prompt: [1, 2], outcome: { kind: 'answered', text: 'a' } },
    steps: [sampled(first), result, sampled(last)],
  };
}

/** Stands for the policy service: keeps what it is asked, and has log-prob -t for the token at t. */
function recordingLearner() {
  const calls: unknown[] = [];
  const learner = {
    logProbs: ({ sequences }: { sequences: readonly (readonly number[])[] }) =>
      Promise.resolve({ logProbs: sequences.map((tokens) => tokens.map((_, t) => -t)) }),
    backward: (sequences: readonly { weights: readonly number[] }[]) => {
      calls.push(...sequences);
      const sum = sequences.flatMap(({ weights }) => weights.map((weight, t) => -t * weight));
      return Promise.resolve({ trainedTokens: 0, sum: sum.reduce((a, b) => a + b, 0) });
    },
    step: (settings: unknown) => {
      calls.push(settings);
      return Promise.resolve({});
    },
    zero: () => Promise.resolve(),
  };
  return { learner: learner as unknown as Learner, calls };
}

test('the loss is the mean over what was said alone', async (t) => {
  const { learner } = recordingLearner();
  // Said at 2, 3 and 6 of the first, at 2, 5 and 6 of the second.
  const episodes = [episode([3, 4], [5]), episode([3], [5, 6])];
  t.equal(await meanLoss(episodes, learner, signal), (2 + 3 + 6 + 2 + 5 + 6) / 6);
  t.equal(await meanLoss([], learner, signal), 0);
});

test('each token that was said weighs the same in the batch', async (t) => {
  const { learner, calls } = recordingLearner();
  const rates = { learningRate: 0.1, maxGradNorm: 1 };
  const loss = await learnFrom([episode([3, 4], [5]), episode([3], [])], rates, learner, signal);
  t.ok(Math.abs(loss - (2 + 3 + 6 + 2) / 4) < 1e-12);
  const w = -1 / 4;
  t.same(calls, [
    { tokens: [1, 2, 3, 4, 8, 9, 5], weights: [0, 0, w, w, 0, 0, w] },
    { tokens: [1, 2, 3, 8, 9], weights: [0, 0, w, 0, 0] },
    { lr: 0.1, weightDecay: 0, maxGradNorm: 1 },
  ]);
});

test('the learning rate rises, then falls to a tenth', (t) => {
  const rates = Array.from({ length: 10 }, (_, step) =>
    learningRateAt(step, { learningRate: 1, warmupSteps: 3 }, 10),
  );
  t.same(rates.slice(0, 4), [0.25, 0.5, 0.75, 1]);
  t.ok(Math.abs((rates[9] ?? 0) - 0.1) < 1e-12);
  t.ok(rates.slice(3).every((rate, i, all) => i === 0 || rate < (all[i - 1] ?? 0)));
  t.equal(learningRateAt(0, { learningRate: 1, warmupSteps: 0 }, 1), 1);
  t.end();
});
