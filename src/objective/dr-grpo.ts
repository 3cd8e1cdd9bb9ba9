import { center } from './statistics.ts';

/**
 * Advantages of Dr. GRPO (Liu et al. 2025, arXiv 2503.20783, section 3.2): each reward less the
 * group's mean, without the division by the standard deviation, which gives questions that are
 * nearly always or nearly never solved more weight than the others.
 *
 * `rewards_G`: the rewards of the G rollouts of one question; failed rollouts are left out by the
 * caller. Gives G advantages, in order. A group of one and a group of equal rewards get 0; an empty
 * group gives none.
 */
export function drGrpoAdvantages(rewards_G: readonly number[]): number[] {
  return center(rewards_G);
}
