import { SspError } from '../errors/error.ts';
import type { StepMetrics } from '../types/step-metrics.ts';
import { failedShare } from './collapse-watch.ts';
import type { Table } from './table.ts';

/**
 * Throws SSP_TRAINING_FAILURES where services failed in more than the share `limit` of a step's
 * episodes: nothing may be learnt from what is left.
 */
export function checkFailures(
  metrics: Omit<StepMetrics, 'watch'>,
  limit: number,
  table: Table,
): void {
  const failure = table.takeFailure();
  if (failedShare(metrics) <= limit) return;
  const { step, proposer, verifier, solver } = metrics;
  const roles = [proposer, verifier, solver].flatMap((facts) => facts ?? []);
  const kinds = ['policy', 'search', 'judge'].map((kind) => {
    const count = roles.reduce((sum, { failures }) => sum + (failures[kind] ?? 0), 0);
    return { kind, count };
  });
  throw new SspError('SSP_TRAINING_FAILURES', {
    step,
    failed: kinds.reduce((sum, { count }) => sum + count, 0),
    episodes: roles.reduce((sum, { episodes }) => sum + episodes, 0),
    kinds: kinds
      .filter(({ count }) => count > 0)
      .map(({ kind, count }) => `${kind} ${count}`)
      .join(', '),
    limit,
    problem: failure === undefined ? 'unknown' : `${failure.code}: ${failure.message}`,
  });
}
