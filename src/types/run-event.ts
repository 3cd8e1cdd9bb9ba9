import { z } from 'zod';

import { watchEventSchema } from './step-metrics.ts';

/** ISO 8601. */
const time = z.iso.datetime();
/** The last finished step. */
const step = z.int().min(0);

/**
 * Something that happened in a run and is no metric: a line of `events.jsonl`. Lines are never taken
 * back, by a rollback neither.
 */
export const runEventSchema = z.discriminatedUnion('event', [
  /** What the collapse watch said. Runs of the first versions have alarms without `event`. */
  z
    .strictObject({
      time,
      event: z.literal('alarm').optional(),
      step,
      ...watchEventSchema.unwrap().shape,
    })
    .readonly(),
  z.strictObject({ time, event: z.literal('resumed'), step }).readonly(),
  /** By the collapse watch, and why. */
  z.strictObject({ time, event: z.literal('stopped'), step, reason: z.string().min(1) }).readonly(),
]);
export type RunEvent = z.output<typeof runEventSchema>;
