import type { Tokenizer } from '../../../src/chat/tokenizer.ts';
import { episodeTokens } from '../../../src/game/episode.ts';
import type { Sampler } from '../../../src/rollout/sampler.ts';

type Request = Parameters<Sampler['sample']>[0];

/** A text that is said, or what happens instead of one. */
export type Line = string | ((signal?: AbortSignal) => Promise<string> | string);

/**
 * Stands in for a model, which cannot be told what to say: turn t of an episode is line t. Tokens are
 * those of the text by the tokenizer, their log-probs -id / 1000. `asked` are the requests, with all
 * tokens so far.
 */
export function scriptedSampler(
  tokenizer: Tokenizer,
  lines: readonly Line[],
): Sampler & { readonly asked: (Request & { readonly tokens: readonly number[] })[] } {
  const asked: (Request & { readonly tokens: readonly number[] })[] = [];
  return {
    asked,
    async sample(request, signal) {
      asked.push({ ...request, tokens: episodeTokens(request.episode) });
      const turn = request.episode.steps.filter(({ kind }) => kind === 'sampled').length;
      const line = lines[turn] ?? '';
      const text = typeof line === 'string' ? line : await line(signal);
      const tokens = tokenizer.encode(text);
      const logProbs = tokens.map((id) => -id / 1000);
      return { tokens, logProbs, text, finishReason: 'stop' };
    },
  };
}
