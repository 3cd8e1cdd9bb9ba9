import { LRUCache } from 'lru-cache';
import { z } from 'zod';

import { BatchGatherer } from '../concurrency/batch-gatherer.ts';
import { isSspError, SspError } from '../errors/error.ts';
import type { Asker } from '../types/asker.ts';
import type { RetrievedPassage } from '../types/episode.ts';
import type {
  SearchFacts,
  SearchIndexFacts,
  SearchReply,
  SearchService,
} from '../types/search-service.ts';
import { searchIndexFactsSchema, searchReplySchema } from '../types/search-service.ts';
import type { RetryPolicy } from './retry.ts';
import { RequestError, requestWithRetry } from './retry.ts';
import { SearchTally } from './search-tally.ts';
import type { ServiceWatch } from './service-watch.ts';

/** Where a search service is, and how it is asked; numbers have defaults. */
export interface SearchClientOptions {
  readonly url: string;
  readonly token?: string | undefined;
  /** For whom it asks, with what a query's own asker says beside it. */
  readonly asker?: Asker | undefined;
  /** Queries in one request, at most (64). */
  readonly batchQueries?: number;
  /** Requests in flight at once (2). */
  readonly maxInFlight?: number;
  /** How long a query waits for others to go with it (2). */
  readonly gatherMs?: number;
  /** Queries whose passages are kept (10,000); 0 keeps none. */
  readonly cacheQueries?: number;
  readonly retries?: RetryPolicy;
  /** Says what is waited for, and gives a silent service up; without it only deadlines do. */
  readonly watch?: ServiceWatch | undefined;
}

const defaults = { batchQueries: 64, maxInFlight: 2, gatherMs: 2, cacheQueries: 10_000 };
/** For runs that nobody watches: a service may be starting anew. */
const patience: RetryPolicy = {
  attempts: 6,
  firstWaitMs: 250,
  longestWaitMs: 15_000,
  timeoutMs: 120_000,
};

/** For somebody at a terminal, who can ask again. */
export const once: RetryPolicy = {
  attempts: 1,
  firstWaitMs: 0,
  longestWaitMs: 0,
  timeoutMs: 300_000,
};

/**
 * A caller of a search service. Single queries go to `POST /retrieve`, which our service and
 * Search-R1's (arXiv 2503.09516) speak: those of many episodes that come in the same moment go out in
 * one request, equal ones are asked once, and passages are kept for the next time. Throws
 * SSP_SERVICE_UNREACHABLE and SSP_SERVICE_REFUSED with the service's own code and message; a query
 * that the service refuses fails alone.
 */
export class SearchClient implements SearchService {
  readonly #address: string;
  readonly #options: SearchClientOptions;
  readonly #gatherer: BatchGatherer<readonly RetrievedPassage[]>;
  readonly #cache: LRUCache<string, readonly RetrievedPassage[]> | undefined;
  readonly #tally = new SearchTally();

  constructor(options: SearchClientOptions) {
    const { batchQueries, maxInFlight, gatherMs, cacheQueries } = { ...defaults, ...options };
    this.#address = options.url.replace(/\/+$/, '');
    this.#options = options;
    this.#cache = cacheQueries === 0 ? undefined : new LRUCache({ max: cacheQueries });
    this.#gatherer = new BatchGatherer<readonly RetrievedPassage[]>({
      ...{ batchQueries, gatherMs, parallelBatches: maxInFlight, maxQueued: Infinity },
      run: (lane, topK, queries, signal) =>
        this.#tally.measured(() => this.#retrieve(queries, Number(topK), lane, signal)),
      mayBeOneQuery: isRefusedQuery,
      onJoin: () => {
        this.#tally.add('joined');
      },
    });
  }

  async retrieve(
    query: string,
    topK: number,
    signal: AbortSignal,
    asker: Asker = {},
  ): Promise<readonly RetrievedPassage[]> {
    signal.throwIfAborted();
    this.#tally.add('queries');
    const key = `${topK}\n${query}`;
    const kept = this.#cache?.get(key);
    if (kept !== undefined) {
      this.#tally.add('cacheHits');
      return kept;
    }
    const [passages = []] = await this.#gatherer.submit(
      laneOf(asker),
      String(topK),
      [query],
      signal,
    );
    this.#cache?.set(key, passages);
    return passages;
  }

  search(body: object, signal: AbortSignal): Promise<SearchReply> {
    return this.#post('/v1/search', body, searchReplySchema, signal);
  }

  /** What `GET /readyz` says; undefined for another program that speaks `/retrieve`. */
  async indexFacts(signal: AbortSignal): Promise<SearchIndexFacts | undefined> {
    const read = (response: Response): Promise<unknown> => response.json().catch(() => undefined);
    const retries = this.#options.retries ?? { ...patience, timeoutMs: 30_000 };
    try {
      const reply = await requestWithRetry(`${this.#address}/readyz`, {}, retries, read, signal);
      return readySchema.safeParse(reply).data?.index;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      if (error.status !== undefined && error.status < 500) return undefined;
      throw this.#unreachable(error);
    }
  }

  takeFacts(): SearchFacts {
    return this.#tally.take();
  }

  async #retrieve(
    queries: readonly string[],
    topK: number,
    lane: string,
    signal: AbortSignal,
  ): Promise<RetrievedPassage[][]> {
    // With return_scores false, Search-R1's server mixes up the results of one to three queries.
    const body = { queries, topk: topK, return_scores: true };
    const { result } = await this.#post('/retrieve', body, retrieveSchema, signal, lane);
    if (result.length === queries.length) return result;
    const reply = `with ${result.length} results for ${queries.length} queries`;
    throw new SspError('SSP_SERVICE_REFUSED', { url: this.#address, status: 200, reply });
  }

  /** The reply as `schema` reads it. Searching changes nothing, so it may be repeated. */
  async #post<Schema extends z.ZodType>(
    path: string,
    body: object,
    schema: Schema,
    signal: AbortSignal,
    lane = laneOf({}),
  ): Promise<z.output<Schema>> {
    const { token, asker, retries = patience } = this.#options;
    const headers = {
      'content-type': 'application/json',
      ...askerHeaders({ ...asker, ...(JSON.parse(lane) as Asker) }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    const read = (response: Response): Promise<string> => response.text();
    try {
      const text = await this.#watched(path, signal, (ends) =>
        requestWithRetry(`${this.#address}${path}`, init, retries, read, ends),
      );
      const parsed = schema.safeParse(parseJson(text));
      if (parsed.success) return parsed.data;
      throw refusal(this.#address, 200, text);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      if (error.status === undefined) throw this.#unreachable(error);
      throw refusal(this.#address, error.status, error.body);
    }
  }

  #watched<Result>(
    path: string,
    signal: AbortSignal,
    call: (ends: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const { watch } = this.#options;
    return watch === undefined ? call(signal) : watch.during(path, signal, call);
  }

  #unreachable(cause: RequestError): SspError {
    const details = { url: this.#address, problem: cause.message };
    return new SspError('SSP_SERVICE_UNREACHABLE', details, { cause });
  }
}

/** Queries of one asker go out together: a request names one. */
function laneOf({ run, step, agent }: Asker): string {
  return JSON.stringify({ run, step, agent });
}

/** What a service reads for whom it is asked; a name is given in the letters that it takes. */
function askerHeaders(asker: Asker): Record<string, string> {
  const named = Object.entries(asker).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(
    named.map(([key, value]) => [
      `x-ssp-${key}`,
      String(value)
        .replaceAll(/[^\w.:/-]/g, '-')
        .slice(0, longestName),
    ]),
  );
}

const longestName = 128;

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
const hitSchema = z.looseObject({ document: documentSchema }).transform((hit) => hit.document);
const retrieveSchema = z.object({
  result: z.array(z.array(z.union([hitSchema, documentSchema]))),
});
const readySchema = z.looseObject({ index: searchIndexFactsSchema });
const errorSchema = z.looseObject({ code: z.string(), message: z.string() });
const shownChars = 500;

/** A reply that is none, or says no. */
export function refusal(
  url: string,
  status: number,
  text: string,
): SspError<'SSP_SERVICE_REFUSED'> {
  const parsed = errorSchema.safeParse(parseJson(text));
  const reply = parsed.success
    ? `${parsed.data.code}: ${parsed.data.message}`
    : text.slice(0, shownChars);
  return new SspError('SSP_SERVICE_REFUSED', { url, status, reply });
}

/** A request that was not accepted as it is: one of its queries may be the reason. */
function isRefusedQuery(error: unknown): boolean {
  if (!isSspError(error, 'SSP_SERVICE_REFUSED')) return false;
  return [400, 413, 422].includes(Number(error.details['status']));
}

/** Undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
