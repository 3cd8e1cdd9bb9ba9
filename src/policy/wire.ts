import { z } from 'zod';

// The replies of the policy service (docs/policy-service.md), as they are on the wire. Keys that
// are not named here are let through: a vLLM server sends more, and no `ssp`.

const count = z.int().min(0);
const logprob = z.number().nullable();

export const errorReply = z.looseObject({
  error: z.looseObject({
    code: z.union([z.string(), z.number()]).nullish(),
    message: z.string(),
    remedy: z.string().optional(),
  }),
});

export const completionReply = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        index: count,
        text: z.string(),
        finish_reason: z.enum(['stop', 'length']),
        stop_reason: z.union([z.string(), z.int()]).nullish(),
        token_ids: z.array(count),
        logprobs: z.looseObject({ token_logprobs: z.array(logprob) }),
      }),
    )
    .min(1),
  usage: z.looseObject({
    prompt_tokens: count,
    completion_tokens: count,
    prompt_tokens_details: z.looseObject({ cached_tokens: count.nullish() }).nullish(),
  }),
  ssp: z
    .looseObject({
      weights_version: z.string(),
      queue_ms: z.number(),
      sampling_ms: z.number(),
    })
    .optional(),
});

export const modelsReply = z.looseObject({ data: z.array(z.looseObject({ id: z.string() })) });

export const logProbsReply = z.looseObject({
  results: z.array(
    z.looseObject({
      logprobs: z.array(logprob),
      entropy: z.array(logprob).nullish(),
    }),
  ),
  weights_version: z.string(),
  sampler_gap: z.looseObject({ mean: z.number(), max: z.number(), tokens: count }).nullish(),
});

export const backwardReply = z.looseObject({
  tokens: count,
  trained_tokens: count,
  sum: z.number(),
  repeated: z.boolean(),
  pending_sequences: count,
});

export const stepReply = z.looseObject({
  grad_norm: z.number(),
  clipped: z.boolean(),
  lr: z.number(),
  weights_version: z.string(),
  step: count,
  repeated: z.boolean().optional(),
});

export const saveReply = z.looseObject({
  path: z.string(),
  bytes: count,
  files: z.union([count, z.array(z.string())]),
  manifest_sha256: z.string(),
});

export const anyReply = z.looseObject({});

export const healthReply = z.looseObject({
  ready: z.boolean(),
  state: z.string(),
  progress: z.number().nullish(),
});
