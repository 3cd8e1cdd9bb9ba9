import type { FailureKind, Outcome } from '../types/episode.ts';
import type { Reward } from '../types/question-record.ts';
import type { JudgeResult } from './grading.ts';
import { grade } from './grading.ts';

/**
 * What the proposer is paid for a valid question with success s, the mean reward of the solver's
 * attempts: `1-acc` 1 - s; `intermediate_difficulty` 4 (left + s)(right - s) for 0 < s < 1, else 0;
 * `format_only` 1, whatever the attempts did. Names as in the SSP paper's code.
 */
export type ProposerRewardOptions = (
  | { readonly type: '1-acc' | 'format_only' }
  /** The released code has left 0 and right 1: 4 s (1 - s), at most 1, at s = 1/2. */
  | { readonly type: 'intermediate_difficulty'; readonly left: number; readonly right: number }
) & {
  /**
   * Taken from the reward of an invalid question, which is 0 otherwise; 0 or more. 0 in the paper:
   * 0.1 made training collapse.
   */
  readonly formatPenalty: number;
};

/** What became of a proposer's episode. */
export type ProposalResult =
  | { readonly kind: 'invalid' }
  | { readonly kind: 'failed'; readonly failure: FailureKind }
  /** Valid, with the rewards of all attempts at it. */
  | { readonly kind: 'played'; readonly attempts: readonly Reward[] };

/** 1 for a right answer, else 0; left out where the rollout or the judge failed. */
export function solverReward(
  outcome: Outcome,
  answers: readonly string[],
  judge?: JudgeResult,
): Reward {
  if (outcome.kind === 'failed') return { kind: 'left-out', cause: outcome.failure };
  const answer = outcome.kind === 'answered' ? outcome.text : undefined;
  const graded = grade(answer, answers, judge);
  if (graded === 'failed') return { kind: 'left-out', cause: 'judge' };
  return { kind: 'reward', reward: graded === 'correct' ? 1 : 0 };
}

/** The mean reward of the attempts that have one; undefined where none has. */
export function successRate(attempts: readonly Reward[]): number | undefined {
  const rewards = attempts.flatMap((attempt) => (attempt.kind === 'reward' ? attempt.reward : []));
  if (rewards.length === 0) return undefined;
  return rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length;
}

/**
 * The proposer's reward. Failed attempts do not count; where all failed there is none
 * (`no-attempts`), except under `format_only`, which looks at none.
 */
export function proposerReward(result: ProposalResult, options: ProposerRewardOptions): Reward {
  if (result.kind === 'failed') return { kind: 'left-out', cause: result.failure };
  if (result.kind === 'invalid') return { kind: 'reward', reward: 0 - options.formatPenalty };
  const success = successRate(result.attempts);
  switch (options.type) {
    case 'format_only':
      return { kind: 'reward', reward: 1 };
    case '1-acc':
      return paid(success, (s) => 1 - s);
    case 'intermediate_difficulty':
      return paid(success, (s) =>
        s > 0 && s < 1 ? 4 * (options.left + s) * (options.right - s) : 0,
      );
  }
}

function paid(success: number | undefined, payoff: (success: number) => number): Reward {
  if (success === undefined) return { kind: 'left-out', cause: 'no-attempts' };
  return { kind: 'reward', reward: payoff(success) };
}
