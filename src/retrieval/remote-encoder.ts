import { z } from 'zod';

import type { RetryPolicy } from '../clients/retry.ts';
import { RequestError, requestWithRetry } from '../clients/retry.ts';
import type { EncoderConfig } from '../config/index-build.ts';
import { SspError } from '../errors/error.ts';
import { hashOfValue } from '../storage/hash.ts';
import type { Embeddings, Encoder, EncoderDescription } from '../types/encoder.ts';
import { defaultRules } from './model-folder.ts';
import { passageText } from './passage-store.ts';
import { normalizeRow } from './pooling.ts';

const textsPerRequest = 64;
const requestsInFlight = 4;
const maxTokens = 512;

const defaultPolicy: RetryPolicy = {
  attempts: 6,
  firstWaitMs: 500,
  longestWaitMs: 60_000,
  timeoutMs: 120_000,
};

const replySchema = z.looseObject({
  data: z.array(z.looseObject({ index: z.int().min(0), embedding: z.array(z.number()) })),
});

/**
 * An encoder behind an OpenAI-compatible embeddings server. Texts carry the prefixes of e5 where
 * the model's name is one of e5 or the configuration gives some. The server's own token limit
 * holds, and it does not say what it cut: `truncated_N` is false throughout. `SSP_EMBEDDINGS_KEY`
 * is sent as a bearer token. The weights are out of sight, so `weightsHash` stands for the model's
 * name and dimension only. Throws SSP_EMBEDDINGS_UNREACHABLE, SSP_EMBEDDINGS_REFUSED and
 * SSP_EMBEDDINGS_INVALID.
 */
export async function openRemoteEncoder(
  config: EncoderConfig & { readonly url: string },
  signal?: AbortSignal,
  policy: RetryPolicy = defaultPolicy,
): Promise<Encoder> {
  const server: Server = { url: endpointOf(config.url), model: config.model, policy };
  const [probe = []] = await requestVectors(server, ['probe'], signal);
  const dimension = probe.length;
  const description: EncoderDescription = {
    name: config.model,
    weightsHash: hashOfValue({ model: config.model, dimension }),
    dtype: 'remote',
    pooling: 'mean',
    normalize: true,
    dimension,
    ...defaultRules(config.model, maxTokens),
    ...(config.quotedTitles === true ? { quotedTitles: true } : {}),
  };
  const embed = async (texts: readonly string[], ends?: AbortSignal): Promise<Embeddings> =>
    embedAll(server, texts, dimension, ends);
  return {
    description,
    encodeQueries: (queries, ends) =>
      embed(
        queries.map((query) => description.queryPrefix + query),
        ends,
      ),
    encodePassages: (passages, ends) =>
      embed(
        passages.map((passage) => passageText(description, passage)),
        ends,
      ),
    close: () => Promise.resolve(),
  };
}

interface Server {
  readonly url: string;
  readonly model: string;
  readonly policy: RetryPolicy;
}

/** Takes `http://host:8000`, `.../v1` and the full `.../v1/embeddings`. */
function endpointOf(url: string): string {
  const base = url.replace(/\/+$/, '');
  if (base.endsWith('/embeddings')) return base;
  return base.endsWith('/v1') ? `${base}/embeddings` : `${base}/v1/embeddings`;
}

/** Splits into requests, a few of them in flight at once. The first failure ends the others. */
async function embedAll(
  server: Server,
  texts: readonly string[],
  dimension: number,
  signal?: AbortSignal,
): Promise<Embeddings> {
  const vectors_N_D = new Float32Array(texts.length * dimension);
  const failure = new AbortController();
  const ends = AbortSignal.any(signal ? [signal, failure.signal] : [failure.signal]);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < texts.length) {
      const start = next;
      next += textsPerRequest;
      const batch = texts.slice(start, start + textsPerRequest);
      const vectors = await requestVectors(server, batch, ends, dimension);
      vectors.forEach((vector, i) => {
        vectors_N_D.set(normalizeRow(Float32Array.from(vector)), (start + i) * dimension);
      });
    }
  };
  try {
    await Promise.all(Array.from({ length: requestsInFlight }, work));
  } catch (error) {
    failure.abort(error);
    throw error;
  }
  return { vectors_N_D, dimension, truncated_N: texts.map(() => false) };
}

async function requestVectors(
  { url, model, policy }: Server,
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
