import { LRUCache } from 'lru-cache';
import { z } from 'zod';

import { BatchGatherer } from '../concurrency/batch-gatherer.ts';
import { isSspError, SspError } from '../errors/error.ts';
import type { RetryPolicy } from '../http/retry.ts';
import { askSearchService } from '../http/search-service.ts';
import type { RetrievedPassage } from '../types/episode.ts';
import type { Searcher } from './searcher.ts';

/** Where the search service is, and how it is asked; numbers have defaults. */
export interface HttpSearcherOptions {
  readonly url: string;
  readonly token?: string | undefined;
  /** Passages for a query, 1 or more. */
  readonly topPassages: number;
  /** Queries in one request, at most (64). */
  readonly batchQueries?: number;
  /** Requests in flight at once (2). */
  readonly maxInFlight?: number;
  /** How long a query waits for others to go with it (2). */
  readonly gatherMs?: number;
  /** Queries whose passages are kept (10,000); 0 keeps none. */
  readonly cacheQueries?: number;
  readonly retries?: RetryPolicy;
}

/** What was searched since the last report. */
export interface SearchFacts {
  readonly queries: number;
  /** Queries that were answered from the cache. */
  readonly cacheHits: number;
  /** Queries that shared the answer of an equal one under way. */
  readonly joined: number;
  /** Requests that ended, retries within them not counted. */
  readonly requests: number;
  readonly failedRequests: number;
  /** Mean and longest time of a request with its retries; 0 where there was none. */
  readonly meanMs: number;
  readonly maxMs: number;
}

const defaults = { batchQueries: 64, maxInFlight: 2, gatherMs: 2, cacheQueries: 10_000 };
const patience: RetryPolicy = {
  attempts: 6,
  firstWaitMs: 250,
  longestWaitMs: 15_000,
  timeoutMs: 120_000,
};

// Our service names title and text; Search-R1's has only `contents`, `"Title"`, a newline, the text.
const documentSchema = z
  .looseObject({
    id: z.union([z.string().min(1), z.int().transform(String)]),
    contents: z.string(),
    title: z.string().optional(),
    text: z.string().optional(),
  })
  .transform(({ id, contents, title, text }): RetrievedPassage => {
    const end = contents.indexOf('\n');
    const firstLine = end < 0 ? contents : contents.slice(0, end);
    return {
      id,
      title: title ?? firstLine.replace(/^"(.*)"$/, '$1'),
      text: text ?? (end < 0 ? '' : contents.slice(end + 1)),
    };
  });
const replySchema = z.object({
  result: z.array(
    z.array(
      z.union([
        z.looseObject({ document: documentSchema }).transform((hit) => hit.document),
        documentSchema,
      ]),
    ),
  ),
});

/**
 * A caller of `POST /retrieve`, which our search service and Search-R1's (arXiv 2503.09516) speak.
 * Queries of many episodes that come in the same moment go out in one request; equal ones are asked
 * once, and passages are kept for the next time. Throws SSP_SERVICE_UNREACHABLE and
 * SSP_SERVICE_REFUSED; a query that the service refuses fails alone.
 */
export class HttpSearcher implements Searcher {
  readonly #options: HttpSearcherOptions;
  readonly #gatherer: BatchGatherer<readonly RetrievedPassage[]>;
  readonly #cache: LRUCache<string, readonly RetrievedPassage[]> | undefined;
  #facts = noFacts();

  constructor(options: HttpSearcherOptions) {
    const { batchQueries, maxInFlight, gatherMs, cacheQueries } = { ...defaults, ...options };
    this.#options = options;
    this.#cache = cacheQueries === 0 ? undefined : new LRUCache({ max: cacheQueries });
    this.#gatherer = new BatchGatherer<readonly RetrievedPassage[]>({
      ...{ batchQueries, gatherMs, parallelBatches: maxInFlight, maxQueued: Infinity },
      run: (_lane, _group, queries, signal) => this.#measured(queries, signal),
      mayBeOneQuery: isRefusedQuery,
      onJoin: () => (this.#facts.joined += 1),
    });
  }

  async search(query: string, signal: AbortSignal): Promise<readonly RetrievedPassage[]> {
    signal.throwIfAborted();
    this.#facts.queries += 1;
    const kept = this.#cache?.get(query);
    if (kept !== undefined) {
      this.#facts.cacheHits += 1;
      return kept;
    }
    const [passages = []] = await this.#gatherer.submit('', '', [query], signal);
    this.#cache?.set(query, passages);
    return passages;
  }

  /** What was searched since the last call of this. */
  takeFacts(): SearchFacts {
    const { totalMs, ...facts } = this.#facts;
    this.#facts = noFacts();
    return { ...facts, meanMs: facts.requests === 0 ? 0 : totalMs / facts.requests };
  }

  async #measured(queries: readonly string[], signal: AbortSignal): Promise<RetrievedPassage[][]> {
    const startMs = performance.now();
    let hasFailed = true;
    try {
      const passages = await this.#retrieve(queries, signal);
      hasFailed = false;
      return passages;
    } finally {
      const ms = performance.now() - startMs;
      const { requests, failedRequests, totalMs, maxMs } = this.#facts;
      this.#facts = {
        ...this.#facts,
        requests: requests + 1,
        failedRequests: failedRequests + (hasFailed ? 1 : 0),
        totalMs: totalMs + ms,
        maxMs: Math.max(maxMs, ms),
      };
    }
  }

  async #retrieve(queries: readonly string[], signal: AbortSignal): Promise<RetrievedPassage[][]> {
    const { url, token, topPassages, retries = patience } = this.#options;
    // With return_scores false, Search-R1's server mixes up the results of one to three queries.
    const body = { queries, topk: topPassages, return_scores: true };
    const request = { path: '/retrieve', body, reply: replySchema };
    const { result } = await askSearchService({ url, token, retries }, request, signal);
    if (result.length === queries.length) return result;
    const reply = `with ${result.length} results for ${queries.length} queries`;
    throw new SspError('SSP_SERVICE_REFUSED', { url, status: 200, reply });
  }
}

/** A request that was not accepted as it is: one of its queries may be the reason. */
function isRefusedQuery(error: unknown): boolean {
  if (!isSspError(error, 'SSP_SERVICE_REFUSED')) return false;
  return [400, 413, 422].includes(Number(error.details['status']));
}

function noFacts() {
  return {
    queries: 0,
    cacheHits: 0,
    joined: 0,
    requests: 0,
    failedRequests: 0,
    totalMs: 0,
    maxMs: 0,
  };
}
