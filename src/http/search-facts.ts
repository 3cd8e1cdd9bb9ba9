import { z } from 'zod';

import { SspError } from '../errors/error.ts';
import type { RetryPolicy } from './retry.ts';
import { RequestError, requestWithRetry } from './retry.ts';

/** What our search service says of its index: hashes, passages, modes, the mode of `/retrieve`. */
const indexFactsSchema = z.looseObject({
  manifestHash: z.string(),
  corpusHash: z.string(),
  passages: z.int().min(0),
  defaultMode: z.string(),
});
export type SearchIndexFacts = z.output<typeof indexFactsSchema>;

const replySchema = z.looseObject({ index: indexFactsSchema });
const retries: RetryPolicy = {
  attempts: 6,
  firstWaitMs: 250,
  longestWaitMs: 15_000,
  timeoutMs: 30_000,
};

/**
 * What the search service at `url` says of its index by `GET /readyz`; undefined for another program
 * that speaks `/retrieve`. Throws SSP_SERVICE_UNREACHABLE where nothing answers or the service does
 * not become ready, and the signal's reason once it is aborted.
 */
export async function searchIndexFacts(
  url: string,
  signal?: AbortSignal,
): Promise<SearchIndexFacts | undefined> {
  const address = url.replace(/\/+$/, '');
  const read = (response: Response): Promise<unknown> => response.json().catch(() => undefined);
  try {
    const reply = await requestWithRetry(`${address}/readyz`, {}, retries, read, signal);
    return replySchema.safeParse(reply).data?.index;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const { status, message: problem } = error;
    if (status !== undefined && status < 500) return undefined;
    throw new SspError('SSP_SERVICE_UNREACHABLE', { url: address, problem }, { cause: error });
  }
}
