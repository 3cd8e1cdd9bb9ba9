import { test } from 'tap';

import type { ProposalResult, ProposerRewardOptions } from '../../../src/game/rewards.ts';
import { proposerReward, solverReward, successRate } from '../../../src/game/rewards.ts';
import type { Reward } from '../../../src/types/question-record.ts';

const paid = (reward: number): Reward => ({ kind: 'reward', reward });
const failed: Reward = { kind: 'left-out', cause: 'search' };
const played = (...attempts: Reward[]): ProposalResult => ({ kind: 'played', attempts });

test('the solver is paid for a right answer and for nothing else', (t) => {
  const said = (text: string) => ({ kind: 'answered', text }) as const;
  t.same(solverReward(said('riga'), ['Riga']), paid(1));
  t.same(solverReward(said('Oslo'), ['Riga']), paid(0));
  t.same(solverReward(said('its capital'), ['Riga'], 'correct'), paid(1));
  t.same(solverReward(said('Oslo'), ['Riga'], 'incorrect'), paid(0));
  t.same(solverReward({ kind: 'no-answer', reason: 'no-tag' }, ['Riga']), paid(0));
  t.same(solverReward({ kind: 'turn-limit' }, ['Riga']), paid(0));
  t.same(solverReward({ kind: 'length-limit' }, ['Riga']), paid(0));
  t.end();
});

test('a failure of a service is no reward of 0', (t) => {
  const said = { kind: 'answered', text: 'Oslo' } as const;
  t.same(solverReward({ kind: 'failed', failure: 'search' }, ['Riga']), failed);
  t.same(solverReward(said, ['Riga'], 'failed'), { kind: 'left-out', cause: 'judge' });
  t.end();
});

test('the success rate is the mean of the attempts that have a reward', (t) => {
  t.equal(successRate([paid(1), failed, paid(0), paid(0), paid(0)]), 0.25);
  t.equal(successRate([failed, failed]), undefined);
  t.equal(successRate([]), undefined);
  t.end();
});

test('what the proposer is paid for success 0, 1/5, 1/2 and 1, by hand', (t) => {
  const rates = [
    played(paid(0), paid(0)),
    played(paid(1), paid(0), paid(0), paid(0), paid(0), failed),
    played(paid(1), paid(0)),
    played(paid(1), paid(1)),
  ];
  const table: [ProposerRewardOptions, number[]][] = [
    [{ type: '1-acc', formatPenalty: 0 }, [1, 0.8, 0.5, 0]],
    [{ type: 'format_only', formatPenalty: 0 }, [1, 1, 1, 1]],
    // 4 * .2 * .8 and 4 * .5 * .5
    [{ type: 'intermediate_difficulty', left: 0, right: 1, formatPenalty: 0 }, [0, 0.64, 1, 0]],
    // 4 * (.1 + .2) * (.7 - .2) and 4 * (.1 + .5) * (.7 - .5)
    [
      { type: 'intermediate_difficulty', left: 0.1, right: 0.7, formatPenalty: 0 },
      [0, 0.6, 0.48, 0],
    ],
  ];
  for (const [options, expected] of table) {
    rates.forEach((result, i) => {
      const got = proposerReward(result, options);
      const reward = got.kind === 'reward' ? got.reward : NaN;
      t.ok(Math.abs(reward - (expected[i] ?? NaN)) < 1e-12, `${options.type} ${reward}`);
    });
  }
  t.end();
});

test('an invalid question gets 0, or the penalty where one is set', (t) => {
  const invalid = { kind: 'invalid' } as const;
  t.strictSame(proposerReward(invalid, { type: '1-acc', formatPenalty: 0 }), paid(0));
  t.same(proposerReward(invalid, { type: '1-acc', formatPenalty: 0.1 }), paid(-0.1));
  t.same(proposerReward(invalid, { type: 'format_only', formatPenalty: 0 }), paid(0));
  t.end();
});

test('without an attempt that counts there is no reward, except for the format alone', (t) => {
  const none = { kind: 'left-out', cause: 'no-attempts' };
  const intermediate = { type: 'intermediate_difficulty', left: 0, right: 1 } as const;
  t.same(proposerReward(played(failed), { type: '1-acc', formatPenalty: 0 }), none);
  t.same(proposerReward(played(), { ...intermediate, formatPenalty: 0 }), none);
  t.same(proposerReward(played(failed), { type: 'format_only', formatPenalty: 0 }), paid(1));
  const outage = { kind: 'failed', failure: 'judge' } as const;
  t.same(proposerReward(outage, { type: 'format_only', formatPenalty: 0.1 }), {
    kind: 'left-out',
    cause: 'judge',
  });
  t.end();
});
