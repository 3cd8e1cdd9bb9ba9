import { z } from 'zod';

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
    seeds: z.strictObject({ path: z.string(), count: z.int().min(1), hash: z.string() }).readonly(),
  })
  .readonly();
export type RunManifest = z.output<typeof runManifestSchema>;
