import { LRUCache } from 'lru-cache';

import { SearchTally } from '../../src/clients/search-tally.ts';
import { BatchGatherer } from '../../src/concurrency/batch-gatherer.ts';
import type { Limiter } from '../../src/concurrency/limits.ts';
import { createLimiter } from '../../src/concurrency/limits.ts';
import type { ServiceConfig } from '../../src/config/service.ts';
import { isSspError, SspError } from '../../src/errors/error.ts';
import type { Asker, QuerySource } from '../../src/types/asker.ts';
import type {
  Explanation,
  QueryResult,
  SearchIndex,
  SearchMode,
} from '../../src/types/retriever.ts';
import { cutCharacters } from './excerpt.ts';
import type { Metrics } from './metrics.ts';
import type { QueryWatch } from './query-watch.ts';
import type { ReadyReply } from './schemas.ts';

/** What a request asks of the broker. */
export interface BrokerRequest extends QuerySource {
  readonly mode: SearchMode;
  readonly topK: number;
  readonly signal: AbortSignal;
  /** Told of each query that has its answer. */
  readonly onAnswered?: (() => void) | undefined;
}

/** The results of a request's queries, in order. */
export interface BrokerReply {
  readonly results: readonly QueryResult[];
  /** How many of them the cache held. */
  readonly cached: number;
  /** How many queries were longer than the limit and searched by their beginning. */
  readonly cut: number;
}

/** What is told of the queries that a broker answers. */
interface BrokerParts {
  readonly tally?: SearchTally;
  readonly watch?: QueryWatch | undefined;
}

/**
 * An index behind a cache and a gatherer: what every route searches with. Results are the index's
 * own, whatever else is asked at the same time; an empty query has no hits. No query fails for what
 * is in it, as that would end the whole request: one that is too long is cut, half characters are
 * replaced.
 */
export class QueryBroker {
  readonly index: SearchIndex;
  /** The mode of requests that name none. */
  readonly defaultMode: SearchMode;
  readonly #maxHits: number;
  readonly #maxQueryChars: number;
  readonly #maxQueued: number;
  readonly #metrics: Metrics;
  readonly #tally: SearchTally;
  readonly #watch: QueryWatch | undefined;
  readonly #cache: ResultCache;
  readonly #gatherer: BatchGatherer<QueryResult>;
  readonly #explainInTurn: Limiter;
  /** Explanations that are made or wait. */
  #explaining = 0;

  /** Throws SSP_MODE_UNAVAILABLE where `config.mode` names a mode that the index lacks. */
  constructor(
    index: SearchIndex,
    config: ServiceConfig,
    metrics: Metrics,
    { tally = new SearchTally(), watch }: BrokerParts = {},
  ) {
    this.index = index;
    this.defaultMode = config.mode === 'auto' ? bestMode(index) : config.mode;
    index.retriever(this.defaultMode);
    this.#maxHits = config.maxHits;
    this.#maxQueryChars = config.maxQueryChars;
    this.#maxQueued = config.maxQueued;
    this.#metrics = metrics;
    this.#tally = tally;
    this.#watch = watch;
    this.#cache = createResultCache(config.cacheBytes);
    this.#explainInTurn = createLimiter(config.parallelBatches);
    this.#gatherer = new BatchGatherer<QueryResult>({
      batchQueries: config.batchQueries,
      parallelBatches: config.parallelBatches,
      maxQueued: config.maxQueued,
      run: (mode, topK, queries, signal) =>
        tally.measured(() =>
          index.retriever(mode as SearchMode).search(queries, { topK: Number(topK), signal }),
        ),
      mayBeOneQuery: (error) => !isSspError(error, 'SSP_INDEX_DAMAGED'),
      onBatch: (mode, queries) => {
        metrics.batchQueries.observe({ mode }, queries);
      },
      onJoin: () => {
        metrics.joinedQueries.inc();
        tally.add('joined');
      },
    });
  }

  /** Queries that wait. */
  get queued(): number {
    return this.#gatherer.queued;
  }

  get runningBatches(): number {
    return this.#gatherer.runningBatches;
  }

  /** Memory of the cache. */
  get cacheBytes(): number {
    return this.#cache.bytes;
  }

  /** What the service says of its index. */
  get indexFacts(): NonNullable<ReadyReply['index']> {
    const { manifest, manifestHash, modes } = this.index;
    return {
      manifestHash,
      corpusHash: manifest.corpusHash,
      passages: manifest.passages,
      modes: [...modes],
      defaultMode: this.defaultMode,
      ...(manifest.dense === undefined ? {} : { encoder: manifest.dense.encoder.name }),
    };
  }

  /**
   * Throws SSP_MODE_UNAVAILABLE, SSP_LIMIT_EXCEEDED, SSP_OVERLOADED, SSP_RUN_QUOTA, the signal's
   * reason, and what the index throws.
   */
  async search(queries: readonly string[], request: BrokerRequest): Promise<BrokerReply> {
    const { mode, topK } = request;
    this.index.retriever(mode);
    if (queries.length * topK > this.#maxHits) {
      const problem = `${queries.length} queries with ${topK} hits each; at most ${this.#maxHits} hits`;
      throw new SspError('SSP_LIMIT_EXCEEDED', { problem });
    }
    const { asker = {}, route } = request;
    const startMs = performance.now();
    const asked = () => ({ queries, asker, route, mode, topK, ms: performance.now() - startMs });
    const endTimer = this.#metrics.searchSeconds.startTimer({ mode });
    try {
      this.#watch?.admit(asker, queries.length);
      this.#metrics.searchedQueries.inc({ mode }, queries.length);
      this.#tally.add('queries', queries.length);
      const whole = queries.map((query) => query.trim());
      const { isCached, ...reply } = await this.#answer(whole, request);
      this.#watch?.answered(asked(), reply.results, isCached);
      return reply;
    } catch (error) {
      if (isSspError(error) && error.status === 429) this.#metrics.rejectedRequests.inc();
      this.#watch?.failed(asked(), error);
      throw error;
    } finally {
      endTimer();
    }
  }

  /**
   * The parts of the score of passage `id` for `query`. As many run at once as batches of a mode may,
   * and as many wait as queries may; each counts as a query of its run's quota. Throws as
   * {@link search} does, and SSP_PASSAGE_UNKNOWN.
   */
  async explain(
    query: string,
    id: string,
    { mode, signal, asker = {} }: Pick<BrokerRequest, 'mode' | 'signal' | 'asker'>,
  ): Promise<Explanation> {
    const retriever = this.index.retriever(mode);
    this.#admitExplanation(asker);
    this.#explaining += 1;
    try {
      const asked = this.#searchable(query.trim());
      return await this.#explainInTurn(() => retriever.explain(asked, id), signal);
    } finally {
      this.#explaining -= 1;
    }
  }

  #admitExplanation(asker: Asker): void {
    try {
      if (this.#explaining >= this.#maxQueued) {
        throw new SspError('SSP_OVERLOADED', { queued: this.#explaining, limit: this.#maxQueued });
      }
      this.#watch?.admit(asker, 1);
    } catch (error) {
      this.#metrics.rejectedRequests.inc();
      throw error;
    }
  }

  async #answer(
    whole: readonly string[],
    request: BrokerRequest,
  ): Promise<BrokerReply & { readonly isCached: readonly boolean[] }> {
    const queries = whole.map((query) => this.#searchable(query));
    const known = queries.map((query) => this.#known(query, request));
    const open = [...new Set(queries.filter((_query, row) => known[row] === undefined))];
    const isCached = known.map((result) => result !== undefined && result !== noHits);
    const cached = isCached.filter(Boolean).length;
    this.#tally.add('cacheHits', cached);
    for (const result of known) if (result !== undefined) request.onAnswered?.();
    const found = await this.#find(open, request);
    const isCut = whole.map(({ length }) => length > this.#maxQueryChars);
    const results = queries.map((query, row): QueryResult => {
      const result = (known[row] ?? found.get(query)) as QueryResult;
      return isCut[row] === true ? { ...result, truncated: true } : result;
    });
    return { results, cached, isCached, cut: isCut.filter(Boolean).length };
  }

  #searchable(query: string): string {
    return cutCharacters(query, this.#maxQueryChars).toWellFormed();
  }

  #known(query: string, { mode, topK }: BrokerRequest): QueryResult | undefined {
    if (query === '') return noHits;
    const result = this.#cache.get(cacheKey(query, mode, topK));
    this.#metrics[result === undefined ? 'cacheMisses' : 'cacheHits'].inc();
    return result;
  }

  async #find(
    queries: readonly string[],
    { mode, topK, signal, onAnswered }: BrokerRequest,
  ): Promise<ReadonlyMap<string, QueryResult>> {
    const results = await this.#gatherer.submit(mode, String(topK), queries, signal, onAnswered);
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

/** Bytes of objects around the texts of a hit, roughly. */
const hitOverheadBytes = 200;

/** Results that were found before, least recently used first out, bounded by memory. */
export interface ResultCache {
  get(key: string): QueryResult | undefined;
  set(key: string, result: QueryResult): void;
  readonly bytes: number;
}

/** A cache of `maxBytes` (its own estimate); 0 gives one that keeps nothing. */
function createResultCache(maxBytes: number): ResultCache {
  if (maxBytes === 0) return { get: () => undefined, set: () => undefined, bytes: 0 };
  const cache = new LRUCache<string, QueryResult>({
    maxSize: maxBytes,
    sizeCalculation: (result, key) => bytesOf(result) + 2 * key.length,
  });
  return {
    get: (key) => cache.get(key),
    set: (key, result) => void cache.set(key, result),
    get bytes() {
      return cache.calculatedSize;
    },
  };
}

/** Two bytes a character, as V8 holds texts outside Latin-1. */
function bytesOf({ hits }: QueryResult): number {
  return hits.reduce(
    (sum, { id, title, text, section = '', url = '' }) =>
      sum +
      hitOverheadBytes +
      2 * (id.length + title.length + text.length + section.length + url.length),
    hitOverheadBytes,
  );
}
