import { z } from 'zod';

/**
 * The judge model of trainer and evaluation: an OpenAI-compatible chat server, asked at temperature
 * 0. Its token is in SSP_JUDGE_TOKEN.
 */
export const judgeConfig = z.strictObject({
  url: z
    .url()
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
