import type { PlayedQuestion, ReplayPool } from '../types/question-record.ts';
import type { Random } from '../types/random.ts';

export const emptyPool: ReplayPool = { questions: [] };

/** The pool with what was played. A question that is there already gets its newest success rate. */
export function addToPool(pool: ReplayPool, played: readonly PlayedQuestion[]): ReplayPool {
  const byQuestion = new Map(pool.questions.map((entry) => [entry.question, entry]));
  for (const entry of played) {
    byQuestion.delete(entry.question);
    byQuestion.set(entry.question, entry);
  }
  return { questions: [...byQuestion.values()] };
}

/** Which questions of the pool are drawn. */
export interface PoolChoice {
  /** Those with a success rate up to this are hard and come first, 0..1; 1 makes all of them hard. */
  readonly maxSuccessRate: number;
  /** Whether those that nobody solved are drawn too. */
  readonly takesUnsolved: boolean;
  /** Whether each is drawn from the whole pool again, so that one may come several times. */
  readonly withReplacement: boolean;
}

/**
 * `count` questions of the pool, drawn at random: first those that are hard, then the others; with
 * replacement others only where none is hard. Without replacement all are different, and fewer where
 * the pool has fewer; none where nothing is to be drawn from.
 */
export function drawFromPool(
  pool: ReplayPool,
  count: number,
  { maxSuccessRate, takesUnsolved, withReplacement }: PoolChoice,
  random: Random,
): PlayedQuestion[] {
  const questions = pool.questions.filter(({ successRate }) => takesUnsolved || successRate > 0);
  const isHard = ({ successRate }: PlayedQuestion): boolean => successRate <= maxSuccessRate;
  const allHard = questions.filter(isHard);
  const others = questions.filter((entry) => !isHard(entry));
  if (withReplacement) {
    const from = allHard.length > 0 ? allHard : others;
    return Array.from({ length: count }, () => random.sample(from, 1)).flat();
  }
  const hard = random.sample(allHard, count);
  return [...hard, ...random.sample(others, count - hard.length)];
}

/**
 * The pool after step `step` (from 1): empty after each `everySteps`-th step (10 in the paper), else
 * unchanged. Undefined never resets: full reuse.
 */
export function resetPool(
  pool: ReplayPool,
  step: number,
  everySteps: number | undefined,
): ReplayPool {
  return everySteps !== undefined && step % everySteps === 0 ? emptyPool : pool;
}
