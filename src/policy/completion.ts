import type { z } from 'zod';

import type { Choice, Completion, CompletionRequest } from './policy-calls.ts';
import type { completionReply } from './wire.ts';

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
