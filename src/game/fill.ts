import type { PlayedQuestion, ReplayPool } from '../types/question-record.ts';
import type { Random } from '../types/random.ts';
import type { PoolChoice } from './replay-pool.ts';
import { drawFromPool } from './replay-pool.ts';

/**
 * What takes the place of questions that a batch lacks, as some were invalid. Whatever it is, the
 * proposer's reward for the invalid one stays.
 */
export type FillStrategy =
  /** Nothing: the place stays empty and trains nothing. */
  | { readonly kind: 'dummy' }
  /** Further answers are proposed for, at most `maxRounds` times; what is missing then is dummy. */
  | { readonly kind: 'resample'; readonly maxRounds: number }
  /**
   * Earlier questions with a success rate up to `maxSuccessRate` first, then others; what is missing
   * then is dummy. The pool is emptied every `resetEverySteps` steps, never where undefined.
   */
  | ({
      readonly kind: 'reuse';
      readonly resetEverySteps: number | undefined;
    } & PoolChoice);

/** One place of the solver's batch. A dummy has no attempts, so it cannot train anything. */
type BatchPlace<Question> =
  | { readonly kind: 'fresh'; readonly question: Question }
  | { readonly kind: 'reused'; readonly question: PlayedQuestion }
  | { readonly kind: 'dummy' };

/**
 * How many further answers to propose for now, after `rounds` rounds of resampling that left
 * `missing` places open; 0 when the batch is to be filled as it is.
 */
export function answersToResample(
  strategy: FillStrategy,
  { missing, rounds }: { readonly missing: number; readonly rounds: number },
): number {
  return strategy.kind === 'resample' && rounds < strategy.maxRounds ? Math.max(missing, 0) : 0;
}

/**
 * The solver's batch of exactly `batchSize` places: the valid questions of this step in their order
 * (those beyond the size are left out), then what the strategy fills with. `reuse` repeats no question of
 * this step, and one of the pool only where it draws with replacement.
 */
export function fillBatch<Question extends { readonly question: string }>(
  fresh: readonly Question[],
  batchSize: number,
  strategy: FillStrategy,
  pool: ReplayPool,
  random: Random,
): BatchPlace<Question>[] {
  const kept = fresh.slice(0, batchSize);
  const missing = batchSize - kept.length;
  const reused = strategy.kind === 'reuse' ? reuse(strategy, kept, missing, pool, random) : [];
  const dummies = Array.from(
    { length: missing - reused.length },
    () => ({ kind: 'dummy' }) as const,
  );
  return [
    ...kept.map((question) => ({ kind: 'fresh', question }) as const),
    ...reused.map((question) => ({ kind: 'reused', question }) as const),
    ...dummies,
  ];
}

function reuse(
  choice: PoolChoice,
  kept: readonly { readonly question: string }[],
  count: number,
  pool: ReplayPool,
  random: Random,
): PlayedQuestion[] {
  const isKept = new Set(kept.map(({ question }) => question));
  const others = pool.questions.filter(({ question }) => !isKept.has(question));
  return drawFromPool({ questions: others }, count, choice, random);
}
