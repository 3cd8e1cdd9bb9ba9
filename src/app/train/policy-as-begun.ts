import { z } from 'zod';

import type { PolicyConfig } from '../../config/policy.ts';
import type { RunManifest } from '../../types/run.ts';

/** Of /v1/facts; a service of an earlier version does not say it. */
const chosenFacts = z.looseObject({ micro_batch_tokens: z.int().min(1).optional() });

/**
 * What to say where a run goes on at a service that computes in other micro-batches than the one it
 * began with; undefined where it does not, or where a service did not say.
 */
export function microBatchNote(
  begun: RunManifest['model'],
  now: RunManifest['model'],
): string | undefined {
  const { micro_batch_tokens: was } = chosenFacts.parse(begun);
  const { micro_batch_tokens: is } = chosenFacts.parse(now);
  if (was === undefined || is === undefined || was === is) return undefined;
  return `the policy service computes in micro-batches of ${is} tokens, the run began with ${was}: the last bits of its numbers may differ (\`ssp policy --micro-batch-tokens ${was}\`)`;
}

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
