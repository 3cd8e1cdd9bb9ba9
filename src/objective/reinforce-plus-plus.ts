import { center, standardize } from './statistics.ts';

/**
 * Advantages of REINFORCE++ with a group baseline (Hu et al. 2025, arXiv 2501.03262): each reward
 * less its group's mean, then divided by the standard deviation of the whole batch, so that no
 * question weighs more because its own rewards differ little. REINFORCE++ without groups is
 * REINFORCE with the baseline `batch-mean-std`.
 *
 * `rewards_P_G`: a group of rewards for each of P questions, groups of any size; failed rollouts
 * are left out by the caller. Gives advantages of the same shape. A group of one and a group of
 * equal rewards get 0, a batch of only such groups too; an empty group stays empty.
 */
export function reinforcePlusPlusAdvantages(
  rewards_P_G: readonly (readonly number[])[],
): number[][] {
  const centered_P_G = rewards_P_G.map(center);
  const advantages = standardize(centered_P_G.flat());
  let next = 0;
  return centered_P_G.map((group) => advantages.slice(next, (next += group.length)));
}
