import { center, standardize } from './statistics.ts';

/** What REINFORCE compares a reward with: nothing, or the mean of the batch (and its spread). */
export type ReinforceBaseline = 'none' | 'batch-mean' | 'batch-mean-std';

/**
 * Advantages of REINFORCE (Williams 1992) with a named baseline. `none`: the reward itself;
 * `batch-mean`: less the mean of the batch; `batch-mean-std`: also divided by its standard
 * deviation.
 *
 * `rewards_B`: the rewards of all B rollouts of the batch, one a question (SSP's proposer); failed
 * rollouts are left out by the caller. Gives B advantages, in order. A batch of one gets its reward
 * with `none` and 0 with the others, as does a batch of equal rewards; an empty batch gives none.
 */
export function reinforceAdvantages(
  rewards_B: readonly number[],
  baseline: ReinforceBaseline,
): number[] {
  switch (baseline) {
    case 'none':
      return [...rewards_B];
    case 'batch-mean':
      return center(rewards_B);
    case 'batch-mean-std':
      return standardize(rewards_B);
  }
}
