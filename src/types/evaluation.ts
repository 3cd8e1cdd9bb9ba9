import { z } from 'zod';

import { episodeRecordSchema } from './episode.ts';

/** A question to be answered, with all answers that count. */
export interface EvaluationQuestion {
  /** Unique in its set. */
  readonly id: string;
  readonly question: string;
  /** At least one. */
  readonly goldAnswers: readonly string[];
  /** Facts that must be joined, where known. */
  readonly hops?: number | undefined;
}

/** What became of one question: the solver's one attempt at it. */
export const evaluationRecordSchema = z
  .strictObject({
    id: z.string().min(1),
    question: z.string().min(1),
    goldAnswers: z.array(z.string()).min(1).readonly(),
    hops: z.int().min(1).optional(),
    episode: episodeRecordSchema,
    /** Absent where the episode failed, which is no wrong answer. F1 in 0..1. */
    score: z.strictObject({ exactMatch: z.boolean(), f1: z.number() }).readonly().optional(),
    /**
     * Whether the answer is right by exact match or else by the judge; `failed` where the judge gave
     * no verdict. Absent without a judge and where the episode failed.
     */
    verdict: z.enum(['correct', 'incorrect', 'failed']).optional(),
  })
  .readonly();
export type EvaluationRecord = z.output<typeof evaluationRecordSchema>;
