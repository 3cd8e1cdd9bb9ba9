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

/**
 * Up to `count` different questions of the pool, drawn at random: first those that are hard, with a
 * success rate up to `maxSuccessRate`, then the others. Fewer where the pool has fewer.
 */
export function drawFromPool(
  { questions }: ReplayPool,
  { count, maxSuccessRate }: { readonly count: number; readonly maxSuccessRate: number },
  random: Random,
): PlayedQuestion[] {
  const isHard = ({ successRate }: PlayedQuestion): boolean => successRate <= maxSuccessRate;
  const hard = random.sample(questions.filter(isHard), count);
  const others = questions.filter((entry) => !isHard(entry));
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
