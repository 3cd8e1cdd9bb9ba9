import { z } from 'zod';

import { watchEventSchema } from './step-metrics.ts';

/** `run.json`: what a run was made with, for whoever reads it later. */
export const runManifestSchema = z
  .strictObject({
    formatVersion: z.literal(1),
    toolVersion: z.string(),
    /** Of the checkout; absent outside one. */
    commit: z.string().optional(),
    machine: z.string(),
    /** ISO 8601. */
    startedAt: z.string(),
    /** The policy service's own words: architecture, parameters, context length and more. */
    model: z.record(z.string(), z.unknown()).readonly(),
    /** The search service's words: corpus hash, passages, modes. Null where it does not say. */
    index: z
      .looseObject({
        manifestHash: z.string(),
        corpusHash: z.string().optional(),
        passages: z.int().min(0).optional(),
      })
      .readonly()
      .nullable(),
    /** Hash of tags, prompts and layout; absent in runs of earlier versions. */
    prompts: z.string().optional(),
    /** Absent in a run on given questions. */
    seeds: z
      .strictObject({ path: z.string(), count: z.int().min(1), hash: z.string() })
      .readonly()
      .optional(),
    /** Those that are played, without what stands in validation sets; absent in self-play. */
    questions: z
      .strictObject({
        paths: z.array(z.string()).readonly(),
        count: z.int().min(1),
        hash: z.string(),
      })
      .readonly()
      .optional(),
  })
  .readonly();
export type RunManifest = z.output<typeof runManifestSchema>;

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
