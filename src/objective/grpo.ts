import { standardize } from './statistics.ts';

/**
 * Advantages of group relative policy optimization (Shao et al. 2024, arXiv 2402.03300, section
 * 4.1.2): each reward less the group's mean, divided by the group's standard deviation.
 *
 * `rewards_G`: the rewards of the G rollouts of one question; failed rollouts are left out by the
 * caller. Gives G advantages, in order. A group of one and a group of equal rewards have nothing to
 * compare and get 0: they train nothing. An empty group gives none.
 */
export function grpoAdvantages(rewards_G: readonly number[]): number[] {
  return standardize(rewards_G);
}
