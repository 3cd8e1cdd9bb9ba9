import { z } from 'zod';

import { address } from './address.ts';

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
  patienceSeconds: z
    .number()
    .min(1)
    .max(604_800)
    .default(300)
    .describe('Silence of a service after which it is given up, with what was waited for'),
  maxTurnTokens: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(2048)
    .describe('Tokens of one turn of a model behind a chat server (--api-url)'),
});
export type EvaluationConfig = z.output<typeof evaluationConfig>;

/**
 * The judge model of trainer and evaluation: an OpenAI-compatible chat server, asked at temperature
 * 0. Its token is in SSP_JUDGE_TOKEN.
 */
export const judgeConfig = z.strictObject({
  url: address()
    .optional()
    .describe('Address of the judge, such as http://localhost:8080/v1; without one none is asked'),
  model: z.string().min(1).optional().describe('Name of the judge model at that address'),
  maxTokens: z
    .int()
    .min(8)
    .max(1_000_000)
    .default(2048)
    .describe('Tokens of a reply of the judge, its thinking included'),
  maxInFlight: z
    .int()
    .min(1)
    .max(65_536)
    .default(32)
    .describe('Requests to the judge at the same time'),
  attempts: z.int().min(1).max(100).default(6).describe('Tries of one request to the judge'),
  // Node waits at most 300 s for the head of a reply.
  timeoutMs: z
    .int()
    .min(100)
    .max(290_000)
    .default(120_000)
    .describe('Time for one try of a request to the judge'),
});
export type JudgeConfig = z.output<typeof judgeConfig>;
