import { z } from 'zod';

import type { RetryPolicy } from '../clients/retry.ts';
import { RequestError, requestWithRetry } from '../clients/retry.ts';
import { SspError } from '../errors/error.ts';

/** One embeddings server, and how it is asked. */
export interface EmbeddingsServer {
  /** Of its `/v1/embeddings`. */
  readonly url: string;
  readonly model: string;
  readonly policy: RetryPolicy;
}

const replySchema = z.looseObject({
  data: z.array(z.looseObject({ index: z.int().min(0), embedding: z.array(z.number()) })),
});

/** Takes `http://host:8000`, `.../v1` and the full `.../v1/embeddings`. */
export function endpointOf(url: string): string {
  const base = url.replace(/\/+$/, '');
  if (base.endsWith('/embeddings')) return base;
  return base.endsWith('/v1') ? `${base}/embeddings` : `${base}/v1/embeddings`;
}

/**
 * The vectors of `texts` in their order, as the server gives them; `dimension` is the one that they
 * must have. Throws SSP_EMBEDDINGS_UNREACHABLE once the attempts are used up, SSP_EMBEDDINGS_REFUSED,
 * SSP_EMBEDDINGS_INVALID, and the signal's reason.
 */
export async function requestVectors(
  { url, model, policy }: EmbeddingsServer,
  texts: readonly string[],
  signal?: AbortSignal,
  dimension?: number,
): Promise<number[][]> {
  const key = process.env['SSP_EMBEDDINGS_KEY'];
  const init = {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({ model, input: texts, encoding_format: 'float' }),
  };
  try {
    const read = (response: Response): Promise<unknown> => response.json();
    const body = await requestWithRetry(url, init, policy, read, signal);
    return vectorsOf(body, url, texts.length, dimension);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const problem = error.message;
    if (error.status === undefined || error.status === 429 || error.status >= 500) {
      throw new SspError('SSP_EMBEDDINGS_UNREACHABLE', { url, problem }, { cause: error });
    }
    throw new SspError('SSP_EMBEDDINGS_REFUSED', { url, problem }, { cause: error });
  }
}

/** The reply's vectors in the order of the texts, whatever order the server sent them in. */
function vectorsOf(body: unknown, url: string, count: number, dimension?: number): number[][] {
  const invalid = (problem: string): SspError =>
    new SspError('SSP_EMBEDDINGS_INVALID', { url, problem });
  const parsed = replySchema.safeParse(body);
  if (!parsed.success) throw invalid('it is not of the form {data: [{index, embedding}]}');
  const vectors: number[][] = [];
  for (const { index, embedding } of parsed.data.data) vectors[index] = embedding;
  const wanted = dimension ?? vectors[0]?.length ?? 0;
  const isWhole = vectors.length === count && Object.keys(vectors).length === count;
  if (!isWhole) throw invalid(`it has ${parsed.data.data.length} vectors for ${count} texts`);
  const odd = vectors.find((vector) => vector.length !== wanted || vector.length === 0);
  if (odd !== undefined) throw invalid(`a vector has ${odd.length} numbers instead of ${wanted}`);
  return vectors;
}
