import { z } from 'zod';

import { address } from './address.ts';

/**
 * A model behind a server that speaks OpenAI's protocol, as a player: the frozen role of a training
 * (`training.frozenPlayer`), the reader of verification (`game.reader`), the solver of an evaluation. Its
 * token is in SSP_PLAYER_TOKEN.
 */
export const playerConfig = z.strictObject({
  url: address()
    .optional()
    .describe('Address of the server, such as http://localhost:8000/v1; without one none plays'),
  model: z.string().min(1).optional().describe('Name of its model'),
  api: z
    .enum(['completions', 'chat'])
    .default('completions')
    .describe('completions: token ids in and out, as vLLM gives them; chat: text, any server'),
  tokenizer: z
    .string()
    .min(1)
    .optional()
    .describe(
      'For completions: model folder or hub id with its tokenizer and chat template (default: policy.model)',
    ),
  maxTurnTokens: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(2048)
    .describe('For chat: tokens of one turn, as limits in tokens cannot bind'),
  maxInFlight: z.int().min(1).max(65_536).default(64).describe('Requests at the same time'),
  // Node waits at most 300 s for the head of a reply.
  timeoutMs: z
    .int()
    .min(100)
    .max(290_000)
    .default(290_000)
    .describe('Time for one try of a request'),
});
