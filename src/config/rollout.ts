import { z } from 'zod';

/** `ssp rollout`: episodes that are played and kept, without training. */
export const rolloutConfig = z.strictObject({
  role: z
    .enum(['solver', 'proposer', 'both'])
    .default('solver')
    .describe(
      'Who plays: the solver on questions, the proposer on seeds, or on seeds both, the solver at what is valid',
    ),
  attempts: z
    .int()
    .min(1)
    .max(1024)
    .optional()
    .describe(
      'Episodes for each question or seed; of both the attempts at a question (default: game.attempts)',
    ),
  temperature: z
    .number()
    .min(0)
    .max(100)
    .optional()
    .describe("Temperature of sampling, 0 is greedy (default: the game's for the role)"),
  facts: z
    .string()
    .min(1)
    .optional()
    .describe('facts.jsonl of a fictional world: shows the truth of valid questions'),
  seed: z.int().min(0).max(0xffffffff).default(1).describe('Decides every sampled token'),
  batchQuestions: z
    .int()
    .min(1)
    .max(100_000)
    .default(64)
    .describe('Questions or seeds that are played and written together, as one step'),
  maxConcurrent: z.int().min(1).max(100_000).default(64).describe('Episodes under way at once'),
  maxFailedShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.05)
    .describe("Share of a step's episodes whose services may fail before the command stops"),
  patienceSeconds: z
    .number()
    .min(1)
    .max(604_800)
    .default(300)
    .describe('Silence of a service after which it is given up, with what was waited for'),
});
