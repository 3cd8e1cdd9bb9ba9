import { z } from 'zod';

/** `ssp eval`: how question sets are asked and scored. Answers are greedy, one a question. */
export const evaluationConfig = z.strictObject({
  questions: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(500)
    .describe('Questions drawn from each set; all of a set that has fewer'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(0)
    .describe('Which questions are drawn, and what the confidence intervals resample'),
  maxConcurrent: z
    .int()
    .min(1)
    .max(65_536)
    .default(64)
    .describe('Questions under way at the same time'),
  maxFailedShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.02)
    .describe('Share of the questions whose services may fail before the evaluation stops'),
  maxTurnTokens: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(2048)
    .describe('Tokens of one turn of a model behind a chat server (--api-url)'),
});
export type EvaluationConfig = z.output<typeof evaluationConfig>;
