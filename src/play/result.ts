import type { ProposerRewardOptions } from '../game/rewards.ts';
import { proposerReward, solverReward } from '../game/rewards.ts';
import type { RuleFilterOptions } from '../game/rule-filter.ts';
import { filterQuestion } from '../game/rule-filter.ts';
import type { EpisodeRecord } from '../types/episode.ts';
import type { Piece } from './spectator.ts';
import { rewardText } from './spectator.ts';

/** What the game says to a solver's episode: its reward by exact match, and the answer. */
export function solverResult({ outcome }: EpisodeRecord, answers: readonly string[]): Piece {
  const reward = rewardText(solverReward(outcome, answers));
  return { heading: 'Your reward', text: `${reward}\nThe answer: ${answers.join(' = ')}` };
}

/** What the game says to a proposer's episode: the rule filter's verdict, and the reward of a bad one. */
export function proposerResult(
  episode: EpisodeRecord,
  answers: readonly string[],
  filter: RuleFilterOptions,
  rewards: ProposerRewardOptions,
): Piece {
  const verdict = filterQuestion(episode, answers, filter);
  const heading = "The rule filter's verdict";
  switch (verdict.kind) {
    case 'accepted':
      return {
        heading,
        text: 'Accepted. Verification and the reward need a policy: its reward is what the solver misses.',
      };
    case 'rejected': {
      const reward = rewardText(proposerReward({ kind: 'invalid' }, rewards));
      return { heading, text: `Rejected: ${verdict.reason}.\n${reward}` };
    }
    case 'failed':
      return { heading, text: `The ${verdict.failure} service failed; that is no reward.` };
  }
}
