import { center } from './statistics.ts';

/**
 * Advantages of REINFORCE leave-one-out (Ahmadian et al. 2024, arXiv 2402.14740, section 3): each
 * reward less the mean of the group's other rewards, which is `G / (G - 1)` times the reward less
 * the mean of all.
 *
 * `rewards_G`: the rewards of the G rollouts of one question; failed rollouts are left out by the
 * caller. Gives G advantages, in order. A group of one has no others to be compared with and gets
 * 0, equal rewards get 0; an empty group gives none.
 */
export function rlooAdvantages(rewards_G: readonly number[]): number[] {
  const others = rewards_G.length - 1;
  return center(rewards_G).map((centered) =>
    others === 0 ? 0 : (centered * rewards_G.length) / others,
  );
}
