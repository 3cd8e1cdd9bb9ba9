import type { WatchConfig } from '../config/training.ts';
import { SspError } from '../errors/error.ts';
import { optimizerSteps } from '../run/learning.ts';
import type { StepMetrics, UpdateFacts, WatchEvent } from '../types/step-metrics.ts';
import { meanOf } from './means.ts';
import type { Rollouts } from './rollouts.ts';

type Measure = Exclude<keyof WatchConfig, 'maxRollbacks' | 'rollbackLrFactor'>;

/** For how many steps in a row each measure has been past its limit; it goes into checkpoints. */
export type WatchStreaks = Readonly<Record<string, number>>;

/** How each measure is read from a step; null where the step has none, which is no alarm. */
const measures: Readonly<Record<Measure, (metrics: Measured) => number | null>> = {
  validRate: ({ proposer }) => proposer?.validRate ?? null,
  optimizerSteps,
  entropy: (metrics) => overUpdates(metrics, ({ entropy }) => entropy),
  referenceKl: (metrics) => overUpdates(metrics, ({ referenceKl }) => referenceKl),
  gradientNorm: (metrics) => overUpdates(metrics, ({ gradientNorm }) => gradientNorm),
  solverSearches: ({ solver }) => solver.searches,
  solverReward: ({ solver }) => solver.reward,
  proposerResponseTokens: ({ proposer }) => proposer?.responseTokens ?? null,
  solverResponseTokens: ({ solver }) => solver.responseTokens,
  noAnswerShare: ({ solver }) => noAnswerShare(solver),
  failedShare: (metrics) => failedShare(metrics),
  samplerGap: (metrics) => overUpdates(metrics, ({ samplerGapMean }) => samplerGapMean),
};

type Measured = Omit<StepMetrics, 'watch'>;

/**
 * Looks at one step: the alarms that are due, and the new streaks. An alarm is due when its measure
 * has been past its limit for `patience` steps in a row, and again at each further one.
 */
export function watchStep(
  metrics: Measured,
  config: WatchConfig,
  streaks: WatchStreaks,
): { events: WatchEvent[]; streaks: WatchStreaks } {
  const events: WatchEvent[] = [];
  const next: Record<string, number> = {};
  for (const measure of Object.keys(measures) as Measure[]) {
    const { patience, action } = config[measure];
    const value = measures[measure](metrics);
    const limit = value === null ? undefined : passedLimit(value, config[measure]);
    if (value === null || limit === undefined) continue;
    const streak = (streaks[measure] ?? 0) + 1;
    next[measure] = streak;
    if (streak >= patience) events.push({ measure, value, limit, action });
  }
  return { events, streaks: next };
}

/** Services' failures among all episodes of a step; 0 without episodes. */
function failedShare({ proposer, verifier, solver }: Measured): number {
  const roles = [proposer, verifier, solver].flatMap((facts) => facts ?? []);
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  const episodes = sum(roles.map((facts) => facts.episodes));
  const failed = sum(roles.flatMap(({ failures }) => Object.values(failures)));
  return episodes === 0 ? 0 : failed / episodes;
}

function passedLimit(
  value: number,
  { min, max }: { readonly min?: number | undefined; readonly max?: number | undefined },
): number | undefined {
  if (min !== undefined && value < min) return min;
  return max !== undefined && value > max ? max : undefined;
}

function overUpdates(
  { updates }: Measured,
  read: (facts: UpdateFacts) => number | null,
): number | null {
  return meanOf(
    Object.values(updates).flatMap((facts: UpdateFacts | undefined) =>
      facts === undefined ? [] : (read(facts) ?? []),
    ),
  );
}

function noAnswerShare({ episodes, outcomes }: StepMetrics['solver']): number | null {
  const ended = episodes - (outcomes['failed'] ?? 0);
  return ended === 0 ? null : 1 - (outcomes['answered'] ?? 0) / ended;
}

/**
 * Throws SSP_TRAINING_FAILURES where services failed in more than the share `limit` of a step's
 * episodes: nothing may be learnt from what is left.
 */
export function checkFailures(
  metrics: Omit<StepMetrics, 'watch'>,
  limit: number,
  rollouts: Rollouts,
): void {
  const failure = rollouts.takeFailure();
  if (failedShare(metrics) <= limit) return;
  const { step, proposer, verifier, solver } = metrics;
  const roles = [proposer, verifier, solver].flatMap((facts) => facts ?? []);
  const kinds = ['policy', 'search', 'judge'].map((kind) => {
    const count = roles.reduce((sum, { failures }) => sum + (failures[kind] ?? 0), 0);
    return { kind, count };
  });
  const details = {
    step,
    failed: kinds.reduce((sum, { count }) => sum + count, 0),
    episodes: roles.reduce((sum, { episodes }) => sum + episodes, 0),
    kinds: kinds
      .filter(({ count }) => count > 0)
      .map(({ kind, count }) => `${kind} ${count}`)
      .join(', '),
    limit,
    problem: failure === undefined ? 'unknown' : `${failure.code}: ${failure.message}`,
  };
  throw new SspError('SSP_TRAINING_FAILURES', details, { cause: failure });
}
