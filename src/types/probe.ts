import { z } from 'zod';

import { depthFactsSchema } from './step-metrics.ts';

/** `probe.json`: what a model's questions are like and pay before any training, by the searches behind them. */
export const probeResultSchema = z
  .strictObject({
    proposals: z.int().min(0),
    /** By number of searches (`"2"`); the standard error of the mean reward is null for one proposal. */
    byDepth: z
      .record(
        z.string(),
        depthFactsSchema.unwrap().extend({ rewardError: z.number().nullable() }).readonly(),
      )
      .readonly(),
    /** Whether two searches pay more than one; null where one of them is missing. */
    deeperPays: z.boolean().nullable(),
  })
  .readonly();
export type ProbeResult = z.output<typeof probeResultSchema>;
