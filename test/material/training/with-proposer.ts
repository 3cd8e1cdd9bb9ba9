import type { StepMetrics } from '../../../src/types/step-metrics.ts';

/** The metrics with other values of the proposer, which they must have. */
export function withProposer<Metrics extends Pick<StepMetrics, 'proposer'>>(
  metrics: Metrics,
  values: Partial<StepMetrics['proposer']>,
): Metrics {
  if (metrics.proposer === null) throw new Error('These metrics have no proposer.');
  return { ...metrics, proposer: { ...metrics.proposer, ...values } };
}
