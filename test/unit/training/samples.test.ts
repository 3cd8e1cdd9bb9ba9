import { test } from 'tap';

import { samplesOf } from '../../../src/training/samples.ts';
import type { Outcome } from '../../../src/types/episode.ts';
import type { Attempt, QuestionRecord } from '../../../src/types/question-record.ts';

function attempt(token: number, advantage: number | undefined, outcome: Outcome): Attempt {
  const turn = { kind: 'sampled', text: 'x', action: { kind: 'answer', text: 'x' } } as const;
  return {
    episode: {
      ...{ role: 'solver', prompt: [1], outcome },
      steps: [{ ...turn, tokens: [token], logProbs: [-1] }],
    },
    reward: { kind: 'reward', reward: 0 },
    ...(advantage !== undefined && { advantage }),
  };
}

const answered: Outcome = { kind: 'answered', text: 'x' };
const record: QuestionRecord = {
  ...{ step: 1, index: 3, question: 'q', answers: ['x'], place: 'fresh' },
  attempts: [
    attempt(10, 1, answered),
    attempt(11, -1, { kind: 'length-limit' }),
    attempt(12, 0, answered),
    attempt(13, undefined, answered),
    attempt(14, -1, { kind: 'turn-limit' }),
  ],
};
const trained = (training: { klCoefficient: number; overlongFilter: boolean }): number[] =>
  samplesOf([record], training).map(({ tokens_T }) => tokens_T.at(-1) ?? NaN);

test('rollouts with an advantage are learnt from; one of 0 only for its KL', (t) => {
  t.same(trained({ klCoefficient: 0, overlongFilter: false }), [10, 11, 14]);
  t.same(trained({ klCoefficient: 0.1, overlongFilter: false }), [10, 11, 12, 14]);
  t.end();
});

test('what a limit of length cut can be left out, and nothing else', (t) => {
  t.same(trained({ klCoefficient: 0.1, overlongFilter: true }), [10, 12, 14]);
  t.end();
});
