import type { Tokenizer } from '../../src/chat/tokenizer.ts';
import type { Choice, CompletionRequest } from '../../src/clients/policy/policy-calls.ts';
import { createRandom } from '../../src/random/random.ts';

const vocabularySize = 512;
const stopTexts = ['the', 'se', '1'];

/**
 * Requests of three kinds in turn: those that use all their tokens, those that end at one of six
 * token ids (about one token in 85), and those that end at a text. Prompts have 40 to 80 random
 * tokens, completions up to 20..100.
 */
export function mixedRequests(count: number, seed: number): CompletionRequest[] {
  const random = createRandom(seed);
  const tokenId = (): number => random.below(vocabularySize);
  return Array.from({ length: count }, (_, i) => ({
    prompt: Array.from({ length: 40 + random.below(41) }, tokenId),
    maxTokens: 20 + random.below(81),
    seed: seed * 10_000 + i,
    ...[
      { ignoreEos: true },
      { stopTokenIds: Array.from({ length: 6 }, tokenId) },
      { stop: stopTexts },
    ][i % 3],
  }));
}

/** What is wrong with a completion, or undefined: it must end at its first stop and no later. */
export function faultOf(
  request: CompletionRequest,
  choice: Choice | undefined,
  tokenizer: Tokenizer,
  endTokenId: number,
): string | undefined {
  if (choice === undefined) return 'no completion';
  const { tokenIds, logProbs, text, finishReason, stopReason } = choice;
  const written = tokenIds.map((_, i) =>
    request.stop === undefined && i + 1 < tokenIds.length
      ? ''
      : tokenizer.decode(tokenIds.slice(0, i + 1), { skipSpecialTokens: true }),
  );
  const stopAt = (i: number): string | number | undefined | false => {
    const id = tokenIds[i] ?? -1;
    // As in vLLM the model's own end comes first, also where a stop token is the same.
    if (id === endTokenId && !request.ignoreEos) return undefined;
    if (request.stopTokenIds?.includes(id)) return id;
    return request.stop?.find((stop) => written[i]?.includes(stop)) ?? false;
  };
  const stops = tokenIds.map((_, i) => stopAt(i));
  const [first, last] = [stops.findIndex((stop) => stop !== false), tokenIds.length - 1];
  const stopped = first === -1 ? undefined : stops[first];
  if (logProbs.length !== tokenIds.length) return 'log-probs and tokens differ in number';
  if (!logProbs.every((value) => value <= 0 && Number.isFinite(value)))
    return 'a log-prob is wrong';
  if (text !== written.at(-1)) return `the text is not that of the tokens: ${text}`;
  if (first === -1 && last + 1 !== request.maxTokens) return `${last + 1} tokens, no stop`;
  if (first !== -1 && first !== last) return `token ${first} of ${last} was a stop`;
  if (finishReason !== (first === -1 ? 'length' : 'stop')) return `it ended by ${finishReason}`;
  if (stopReason !== stopped) return `it stopped by ${stopReason ?? 'the end token'}`;
  return undefined;
}
