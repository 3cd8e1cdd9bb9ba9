/**
 * How the losses of tokens become the loss of a batch. `token-sum`: their sum. `token-mean`: their
 * mean over all trained tokens of the batch (Yu et al. 2025, arXiv 2503.14476, section 3.3).
 * `sequence-mean`: the mean over a sequence's trained tokens, then over the sequences that have any
 * (Shao et al. 2024, arXiv 2402.03300, equation 3).
 */
export type Aggregation = 'token-sum' | 'token-mean' | 'sequence-mean';

/**
 * What one trained token of each sequence counts in the batch's loss: the loss is the sum over all
 * trained tokens of coefficient times token loss.
 *
 * `trainedTokens_B`: the number of trained tokens of each sequence of one optimizer step, however
 * many calls it is sent in: the denominators need the whole batch and nothing but these counts.
 * Gives B coefficients; 0 for a sequence without trained tokens. An empty batch gives none.
 */
export function tokenCoefficients(
  trainedTokens_B: readonly number[],
  aggregation: Aggregation,
): number[] {
  const tokens = trainedTokens_B.reduce((sum, count) => sum + count, 0);
  const sequences = trainedTokens_B.filter((count) => count > 0).length;
  return trainedTokens_B.map((count) => {
    if (count === 0) return 0;
    switch (aggregation) {
      case 'token-sum':
        return 1;
      case 'token-mean':
        return 1 / tokens;
      case 'sequence-mean':
        return 1 / (count * sequences);
    }
  });
}
