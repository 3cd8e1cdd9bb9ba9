import type { StepMetrics } from '../types/step-metrics.ts';

/**
 * The share of the valid questions of these steps whose answer is right by the world's facts, 0..1;
 * null where the facts were not known or nothing was valid.
 */
export function truthShare(metrics: readonly StepMetrics[]): number | null {
  const counts = metrics.flatMap(({ truth }) => truth ?? []);
  const right = counts.reduce((sum, { true: some }) => sum + some, 0);
  const all = counts.reduce((sum, one) => sum + one.true + one.false + one.unreadable, 0);
  return all === 0 ? null : right / all;
}
