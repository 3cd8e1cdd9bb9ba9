import { z } from 'zod';

import { emptyPool } from '../game/replay-pool.ts';
import { replayPoolSchema } from '../types/replay-pool.ts';

/** What the trainer itself must know to go on after a step; it stands beside each checkpoint. */
export const trainerStateSchema = z
  .strictObject({
    formatVersion: z.literal(1),
    /** The last finished step; 0 before the first. */
    step: z.int().min(0),
    drawnSeeds: z.int().min(0),
    pool: replayPoolSchema,
    rollbacks: z.int().min(0),
    /** Of the collapse watch. */
    streaks: z.record(z.string(), z.int().min(1)).readonly(),
    /** The best validation so far. */
    best: z
      .strictObject({ step: z.int().min(0), exactMatch: z.number() })
      .readonly()
      .nullable(),
    /** Where the policy service keeps the weights, and their hash. */
    checkpoint: z
      .strictObject({ name: z.string(), path: z.string(), hash: z.string() })
      .readonly()
      .nullable(),
  })
  .readonly();
export type TrainerState = z.output<typeof trainerStateSchema>;

/** Before the first step. */
export const initialState: TrainerState = {
  formatVersion: 1,
  step: 0,
  drawnSeeds: 0,
  pool: emptyPool,
  rollbacks: 0,
  streaks: {},
  best: null,
  checkpoint: null,
};
