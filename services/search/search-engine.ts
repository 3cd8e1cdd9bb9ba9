import { BatchGatherer } from '../../src/concurrency/batch-gatherer.ts';
import type { ServiceConfig } from '../../src/config/service.ts';
import { isSspError, SspError } from '../../src/errors/error.ts';
import type { QueryResult, SearchMode } from '../../src/types/retriever.ts';
import type { SearchIndex } from '../../src/types/search-index.ts';
import type { Metrics } from './metrics.ts';
import type { ResultCache } from './result-cache.ts';
import { createResultCache } from './result-cache.ts';

/** What a request asks of the engine. */
export interface EngineRequest {
  readonly mode: SearchMode;
  readonly topK: number;
  readonly signal: AbortSignal;
}

/** The results of a request's queries, in order. */
export interface EngineReply {
  readonly results: readonly QueryResult[];
  /** How many of them the cache held. */
  readonly cached: number;
}

/**
 * An index behind a cache and a gatherer: what every route searches with. Results are the index's
 * own, whatever else is asked at the same time; an empty query has no hits.
 */
export class SearchEngine {
  readonly index: SearchIndex;
  /** The mode of requests that name none. */
  readonly defaultMode: SearchMode;
  readonly #maxHits: number;
  readonly #metrics: Metrics;
  readonly #cache: ResultCache;
  readonly #gatherer: BatchGatherer<QueryResult>;

  /** Throws SSP_MODE_UNAVAILABLE where `config.mode` names a mode that the index lacks. */
  constructor(index: SearchIndex, config: ServiceConfig, metrics: Metrics) {
    this.index = index;
    this.defaultMode = config.mode === 'auto' ? bestMode(index) : config.mode;
    index.retriever(this.defaultMode);
    this.#maxHits = config.maxHits;
    this.#metrics = metrics;
    this.#cache = createResultCache(config.cacheBytes);
    this.#gatherer = new BatchGatherer<QueryResult>({
      batchQueries: config.batchQueries,
      parallelBatches: config.parallelBatches,
      maxQueued: config.maxQueued,
      run: (mode, topK, queries, signal) =>
        index.retriever(mode as SearchMode).search(queries, { topK: Number(topK), signal }),
      onBatch: (mode, queries) => {
        metrics.batchQueries.observe({ mode }, queries);
      },
      onJoin: () => {
        metrics.joinedQueries.inc();
      },
    });
    const { watch } = metrics;
    watch('ssp_queued_queries', 'Queries that wait', () => this.#gatherer.queued);
    watch('ssp_running_batches', 'Batches that run', () => this.#gatherer.runningBatches);
    watch('ssp_cache_bytes', 'Memory of the cache', () => this.#cache.bytes);
  }

  /**
   * Throws SSP_MODE_UNAVAILABLE, SSP_LIMIT_EXCEEDED, SSP_OVERLOADED, the signal's reason, and what
   * the index throws.
   */
  async search(queries: readonly string[], request: EngineRequest): Promise<EngineReply> {
    const { mode, topK } = request;
    this.index.retriever(mode);
    if (queries.length * topK > this.#maxHits) {
      const problem = `${queries.length} queries with ${topK} hits each; at most ${this.#maxHits} hits`;
      throw new SspError('SSP_LIMIT_EXCEEDED', { problem });
    }
    this.#metrics.searchedQueries.inc({ mode }, queries.length);
    const endTimer = this.#metrics.searchSeconds.startTimer({ mode });
    try {
      return await this.#answer(
        queries.map((query) => query.trim().toWellFormed()),
        request,
      );
    } catch (error) {
      if (isSspError(error, 'SSP_OVERLOADED')) this.#metrics.rejectedRequests.inc();
      throw error;
    } finally {
      endTimer();
    }
  }

  async #answer(queries: readonly string[], request: EngineRequest): Promise<EngineReply> {
    const known = queries.map((query) => this.#known(query, request));
    const open = [...new Set(queries.filter((_query, row) => known[row] === undefined))];
    const cached = known.filter((result) => result !== undefined && result !== noHits).length;
    const found = await this.#find(open, request);
    const results = queries.map((query, row) => known[row] ?? found.get(query));
    return { results: results as QueryResult[], cached };
  }

  #known(query: string, { mode, topK }: EngineRequest): QueryResult | undefined {
    if (query === '') return noHits;
    const result = this.#cache.get(cacheKey(query, mode, topK));
    this.#metrics[result === undefined ? 'cacheMisses' : 'cacheHits'].inc();
    return result;
  }

  async #find(
    queries: readonly string[],
    { mode, topK, signal }: EngineRequest,
  ): Promise<ReadonlyMap<string, QueryResult>> {
    const results = await this.#gatherer.submit(mode, String(topK), queries, signal);
    const found = new Map<string, QueryResult>();
    results.forEach((result, row) => {
      const query = queries[row] ?? '';
      this.#cache.set(cacheKey(query, mode, topK), result);
      found.set(query, result);
    });
    return found;
  }
}

const noHits: QueryResult = { hits: [], truncated: false };

/** Hybrid where both indexes are there, else the one that is. */
function bestMode({ modes }: SearchIndex): SearchMode {
  const best = (['hybrid', 'dense', 'bm25'] as const).find((mode) => modes.includes(mode));
  if (best !== undefined) return best;
  throw new SspError('SSP_MODE_UNAVAILABLE', { mode: 'auto', modes: 'none' });
}

function cacheKey(query: string, mode: SearchMode, topK: number): string {
  return `${mode}\n${topK}\n${query}`;
}
