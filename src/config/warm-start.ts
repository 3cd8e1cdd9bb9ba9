import { z } from 'zod';

import { roles } from '../types/episode.ts';

const ofRole = z.int().min(1).max(1_000_000).optional();

/** `ssp warm-start`: supervised training on episodes that show how the game is played. */
export const warmStartConfig = z.strictObject({
  roles: z
    .array(z.enum(roles))
    .min(1)
    .default([...roles])
    .describe('Whose episodes are shown'),
  episodes: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(300)
    .describe('Episodes of each role, at most, the held-out ones among them'),
  episodesOf: z
    .strictObject({ proposer: ofRole, solver: ofRole, verifier: ofRole })
    .prefault({})
    .describe('Episodes of a role that is shown more or less than the others'),
  chainShare: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe(
      'Share of the episodes in which the oracle makes two searches (needs answers: --seeds)',
    ),
  heldOutShare: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.1)
    .describe('Share of the questions that nothing is learnt from, to measure on'),
  epochs: z.int().min(1).max(1000).default(2).describe('How often each episode is learnt from'),
  batchEpisodes: z.int().min(1).max(100_000).default(16).describe('Episodes of one optimizer step'),
  learningRate: z
    .number()
    .positive()
    .max(1)
    .default(5e-5)
    .describe('Of AdamW, at its highest; an adapter wants ten times as much'),
  warmupSteps: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(4)
    .describe('Steps in which the learning rate rises; from there it falls to a tenth'),
  maxGradNorm: z.number().positive().default(1).describe('A longer gradient is scaled down to it'),
  measureSteps: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(10)
    .describe('Steps from one held-out loss and checkpoint to the next'),
  playedEpisodes: z
    .int()
    .min(0)
    .max(100_000)
    .default(32)
    .describe('Held-out episodes of each role that the model plays at the end'),
  noise: z.int().min(0).max(100).default(1).describe("Passages of others in a verifier's material"),
  seed: z
    .int()
    .min(0)
    .max(0xffffffff)
    .default(1)
    .describe('Decides which episodes are held out and the order of the others'),
  maxConcurrent: z.int().min(1).max(4096).default(32).describe('Episodes under way at once'),
  patienceSeconds: z
    .number()
    .min(1)
    .max(604_800)
    .default(300)
    .describe('Silence of a service after which it is given up, with what was waited for'),
});
export type WarmStartConfig = z.output<typeof warmStartConfig>;
