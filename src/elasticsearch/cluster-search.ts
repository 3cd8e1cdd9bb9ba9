import type { estypes } from '@elastic/elasticsearch';

import { createLimiter } from '../concurrency/limits.ts';
import { SspError } from '../errors/error.ts';
import type { Cluster } from './cluster.ts';
import type { ClusterFailure } from './cluster-errors.ts';
import { failedReply, isIndexNotFound } from './cluster-errors.ts';

/** The index of a cluster that is searched: never an alias, so that it stays what it is. */
export interface ClusterIndex {
  readonly cluster: Cluster;
  readonly index: string;
  /** Primary shards. */
  readonly shards: number;
}

export type ClusterHit = estypes.SearchHit<StoredPassage>;

/** What comes back with a hit. */
export interface StoredPassage {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly section?: string;
  readonly url?: string;
  readonly flag?: 'disambiguation' | 'list';
}

/** The most searches of one request. */
const mostSearches = 32;
/** Requests under way at once. */
const parallelRequests = 16;

export type SearchAll = (
  searches: readonly estypes.MsearchMultisearchBody[],
  signal?: AbortSignal,
) => Promise<ClusterHit[][]>;

/**
 * Runs searches of the index together; reply i answers search i. A reply of some of the shards, or of
 * those that were quick enough, is an error and tried again: what comes is whole. Statistics of terms are
 * those of all shards. Throws the SSP_CLUSTER_ errors, and the signal's reason.
 */
export function searchesOf({ cluster, index, shards }: ClusterIndex): SearchAll {
  const limited = createLimiter(parallelRequests);
  const header: estypes.MsearchMultisearchHeader = {
    index,
    allow_partial_search_results: false,
    ...(shards > 1 ? { search_type: 'dfs_query_then_fetch' } : {}),
  };

  async function together(
    searches: readonly estypes.MsearchMultisearchBody[],
    signal: AbortSignal | undefined,
  ): Promise<ClusterHit[][]> {
    return cluster.ask(
      async (options) => {
        const request = { searches: searches.flatMap((search) => [header, search]) };
        const { responses } = await cluster.client.msearch<StoredPassage>(request, options);
        if (responses.length !== searches.length) {
          throw unavailable(
            cluster.url,
            `${responses.length} replies to ${searches.length} searches`,
          );
        }
        return responses.map((response) => hitsOf(cluster.url, index, response));
      },
      { signal },
    );
  }

  return async (searches, signal) => {
    const parts = Array.from({ length: Math.ceil(searches.length / mostSearches) }, (_value, i) =>
      searches.slice(i * mostSearches, (i + 1) * mostSearches),
    );
    const found = await Promise.all(
      parts.map((part) => limited(() => together(part, signal), signal)),
    );
    return found.flat();
  };
}

function hitsOf(
  url: string,
  index: string,
  response: estypes.MsearchResponseItem<StoredPassage>,
): ClusterHit[] {
  if ('error' in response) throw searchError(url, index, response);
  const { timed_out: isCut, _shards: shards, hits } = response;
  if (isCut) throw new SspError('SSP_CLUSTER_TIMEOUT', { url, problem: 'a search was cut short' });
  if (shards.failed > 0) {
    throw unavailable(url, `${shards.failed} of ${shards.total} shards failed`);
  }
  return hits.hits;
}

/** An index that is gone was removed after another one took its place: it is not searched any more. */
function searchError(url: string, index: string, failure: ClusterFailure): SspError {
  return isIndexNotFound(failure.error)
    ? new SspError('SSP_CLUSTER_INDEX_UNKNOWN', {
        url,
        name: index,
        known: ' It has been removed.',
      })
    : failedReply(url, failure);
}

function unavailable(url: string, problem: string): SspError {
  return new SspError('SSP_CLUSTER_UNAVAILABLE', { url, problem });
}
