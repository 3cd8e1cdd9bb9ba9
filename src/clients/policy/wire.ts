import { z } from 'zod';

import type { Choice, Completion, CompletionRequest } from './policy-calls.ts';

// The replies of the policy service (docs/policy-service.md), as they are on the wire. Keys that
// are not named here are let through: a vLLM server sends more, and no `ssp`.

const count = z.int().min(0);
const logprob = z.number().nullable();

const errorFields = z.looseObject({
  code: z.union([z.string(), z.number()]).nullish(),
  message: z.string(),
  remedy: z.string().optional(),
});

/** OpenAI's routes frame their errors, and services of earlier versions do so everywhere. */
export const errorReply = z.union([
  z.looseObject({ error: errorFields }).transform(({ error }) => error),
  errorFields,
]);

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

const sequenceScores = z.array(
  z.looseObject({
    logprobs: z.array(logprob),
    entropy: z.array(logprob).nullish(),
  }),
);

export const logProbsReply = z.looseObject({
  results: sequenceScores,
  weights_version: z.string(),
  sampler_gap: z.looseObject({ mean: z.number(), max: z.number(), tokens: count }).nullish(),
});

export const backwardReply = z.looseObject({
  tokens: count,
  trained_tokens: count,
  sum: z.number(),
  repeated: z.boolean(),
  pending_sequences: count,
  weights_version: z.string(),
  results: sequenceScores.nullish(),
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

export const loadReply = z.looseObject({
  weights_version: z.string().optional(),
  manifest_sha256: z.string().optional(),
});

export const anyReply = z.looseObject({});

export const healthReply = z.looseObject({
  ready: z.boolean(),
  state: z.string(),
  progress: z.number().nullish(),
});

type Reply = z.output<typeof completionReply>;

/** The request in vLLM's dialect of OpenAI's completions; what is undefined is left out by JSON. */
export function completionBody(request: CompletionRequest): object {
  const { model = 'policy', prompt, n, temperature = 1, stop, seed } = request;
  return {
    ...{ model, prompt, n, temperature, stop, seed },
    max_tokens: request.maxTokens,
    top_p: request.topP,
    top_k: request.topK,
    stop_token_ids: request.stopTokenIds,
    min_tokens: request.minTokens,
    ignore_eos: request.ignoreEos,
    // vLLM cuts the stop text off unless it is told not to; the game needs its tokens.
    include_stop_str_in_output: true,
    logprobs: 0,
    return_token_ids: true,
  };
}

/** The reply with its choices in their order. */
export function readCompletion({ choices, usage, ssp }: Reply): Completion {
  return {
    choices: choices.toSorted((a, b) => a.index - b.index).map(readChoice),
    promptTokens: usage.prompt_tokens,
    cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    completionTokens: usage.completion_tokens,
    weightsVersion: ssp?.weights_version,
    queueMs: ssp?.queue_ms,
    samplingMs: ssp?.sampling_ms,
  };
}

function readChoice(choice: Reply['choices'][number]): Choice {
  const { token_ids: tokenIds, text, logprobs, finish_reason: finishReason } = choice;
  return {
    ...{ tokenIds, text, finishReason },
    logProbs: logprobs.token_logprobs.map((value) => value ?? Number.NaN),
    stopReason: choice.stop_reason ?? undefined,
  };
}
