import type { RetryPolicy } from '../clients/retry.ts';
import { runAll } from '../concurrency/limits.ts';
import type { EncoderConfig } from '../config/index-build.ts';
import type { Progress } from '../progress/progress.ts';
import { silentProgress } from '../progress/progress.ts';
import { hashOfValue } from '../storage/hash.ts';
import type { Embeddings, Encoder, EncoderDescription } from '../types/encoder.ts';
import { endpointOf } from './embeddings-request.ts';
import { EmbeddingsServers } from './embeddings-servers.ts';
import { defaultRules } from './model-folder.ts';
import { passageText } from './passage-store.ts';
import { normalizeRow } from './pooling.ts';

const textsPerRequest = 64;
const maxTokens = 512;

const defaultPolicy: RetryPolicy = {
  attempts: 6,
  firstWaitMs: 500,
  longestWaitMs: 60_000,
  timeoutMs: 120_000,
};

/** Where notes go, what ends the opening, and how often a request is tried. */
interface RemoteOptions {
  readonly progress?: Pick<Progress, 'note'>;
  readonly signal?: AbortSignal | undefined;
  readonly policy?: RetryPolicy;
}

/**
 * An encoder behind an OpenAI-compatible embeddings server, or several of the same model, joined by
 * commas in `url`: texts are shared out, and a server that does not answer is left out with a note.
 * Texts carry the prefixes of e5 where the model's name is one of e5. The server's own token limit
 * holds, and it does not say what it cut: `truncated_N` is false throughout. `SSP_EMBEDDINGS_KEY`
 * is sent as a bearer token. The weights are out of sight, so `weightsHash` stands for the model's
 * name and dimension only. Throws SSP_EMBEDDINGS_UNREACHABLE, SSP_EMBEDDINGS_REFUSED and
 * SSP_EMBEDDINGS_INVALID.
 */
export async function openRemoteEncoder(
  config: EncoderConfig & { readonly url: string },
  { progress = silentProgress, signal, policy = defaultPolicy }: RemoteOptions = {},
): Promise<Encoder> {
  const { model } = config;
  const urls = new Set(config.url.split(',').map((url) => endpointOf(url.trim())));
  const list = [...urls].map((url) => ({ url, model, policy }));
  const servers = await EmbeddingsServers.open(list, progress, signal);
  const { dimension } = servers;
  const description: EncoderDescription = {
    name: model,
    weightsHash: hashOfValue({ model, dimension }),
    dtype: 'remote',
    pooling: 'mean',
    normalize: true,
    dimension,
    ...defaultRules(model, maxTokens),
    ...(config.quotedTitles === true ? { quotedTitles: true } : {}),
  };
  const embed = (texts: readonly string[], ends?: AbortSignal): Promise<Embeddings> =>
    embedAll(servers, texts, ends);
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

/** Splits into requests, which the servers share. The first failure ends the others. */
async function embedAll(
  servers: EmbeddingsServers,
  texts: readonly string[],
  signal: AbortSignal = new AbortController().signal,
): Promise<Embeddings> {
  const { dimension } = servers;
  const vectors_N_D = new Float32Array(texts.length * dimension);
  const starts = Array.from(
    { length: Math.ceil(texts.length / textsPerRequest) },
    (_, i) => i * textsPerRequest,
  );
  const work = async (start: number, _: number, ends: AbortSignal): Promise<void> => {
    const vectors = await servers.request(texts.slice(start, start + textsPerRequest), ends);
    vectors.forEach((vector, i) => {
      vectors_N_D.set(normalizeRow(Float32Array.from(vector)), (start + i) * dimension);
    });
  };
  await runAll(starts, Math.max(starts.length, 1), work, signal);
  return { vectors_N_D, dimension, truncated_N: texts.map(() => false) };
}
