import { z } from 'zod';

import type { PolicyConfig } from '../../config/policy.ts';
import type { RunManifest } from '../../types/run.ts';

/** Of /v1/facts; a service of an earlier version does not say it. */
const chosenFacts = z.looseObject({ micro_batch_tokens: z.int().min(1).optional() });

/**
 * The policy's settings for a run that goes on: where the service chose the size of micro-batches by
 * the memory that was free, it keeps that size, as the last bits of every score depend on it.
 */
export function policyAsBegun(
  policy: PolicyConfig,
  { model }: Pick<RunManifest, 'model'>,
): PolicyConfig {
  const { micro_batch_tokens: begunWith } = chosenFacts.parse(model);
  return { ...policy, microBatchTokens: policy.microBatchTokens ?? begunWith };
}
