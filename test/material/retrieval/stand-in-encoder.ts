import type { Embeddings, Encoder, EncoderDescription } from '../../../src/types/encoder.ts';
import { randomNumbers } from './small-corpus.ts';

/**
 * Stands in for an encoder where a test is about the index: a text's vector is the normalised sum of
 * pseudo-random vectors of its words, so that texts with common words are near. Texts of more than
 * 64 words count as truncated. `onBatch` sees every call.
 */
export function standInEncoder(
  changes: Partial<EncoderDescription> = {},
  onBatch: (texts: readonly string[]) => Promise<void> | void = () => undefined,
): Encoder & { closed: boolean } {
  const description: EncoderDescription = {
    name: 'stand-in',
    weightsHash: 'a'.repeat(64),
    dtype: 'fp32',
    pooling: 'mean',
    normalize: true,
    dimension: 32,
    queryPrefix: '',
    passagePrefix: '',
    titleSeparator: '\n',
    queryMaxTokens: 64,
    passageMaxTokens: 64,
    ...changes,
  };
  async function encode(texts: readonly string[], signal?: AbortSignal): Promise<Embeddings> {
    await onBatch(texts);
    signal?.throwIfAborted();
    const vectors_N_D = new Float32Array(texts.length * description.dimension);
    const truncated_N = texts.map((text, i) => {
      const vector = vectorOf(text, description.dimension);
      vectors_N_D.set(vector, i * description.dimension);
      return wordsOf(text).length > description.passageMaxTokens;
    });
    return { vectors_N_D, dimension: description.dimension, truncated_N };
  }
  return {
    description,
    closed: false,
    encodeQueries: encode,
    encodePassages: (passages, signal) =>
      encode(
        passages.map(({ title, text }) => `${title} ${text}`),
        signal,
      ),
    close() {
      this.closed = true;
      return Promise.resolve();
    },
  };
}

/** The stand-in's vector of a text: what brute force compares. */
export function vectorOf(text: string, dimension: number): Float32Array {
  const sum = new Float32Array(dimension);
  for (const word of wordsOf(text)) {
    const random = randomNumbers(seedOf(word));
    for (let d = 0; d < dimension; d += 1) sum[d] = (sum[d] ?? 0) + random() - 0.5;
  }
  const length = Math.hypot(...sum);
  return length === 0 ? sum.fill(1 / Math.sqrt(dimension)) : sum.map((value) => value / length);
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function seedOf(word: string): number {
  let seed = 17;
  for (const letter of word) seed = (Math.imul(seed, 31) + (letter.codePointAt(0) ?? 0)) | 0;
  return seed;
}
