import { z } from 'zod';

import type { Asker } from './asker.ts';
import type { RetrievedPassage } from './episode.ts';
import { searchModes } from './retriever.ts';

/** A hit for agents. */
export const hitSchema = z.strictObject({
  id: z.string().describe('Passage id, for GET /v1/passages/{id}'),
  title: z.string().describe('Page title, for GET /v1/pages/{title}'),
  url: z.string().nullable().describe('Address of the page, null where the corpus has none'),
  section: z.string().optional().describe('Heading over the passage'),
  snippet: z.string().describe('The part of the text that is closest to the query'),
  text: z.string(),
  truncated: z.boolean().describe('`text` was cut at maxChars'),
  score: z.number().describe('Higher is better; comparable within a mode'),
  rank: z.int().min(1),
});
export type SearchHit = z.infer<typeof hitSchema>;

/** The reply to `POST /v1/search`. */
export const searchReplySchema = z.strictObject({
  mode: z.enum(searchModes).describe('The mode that answered'),
  results: z
    .array(
      z.strictObject({
        hits: z.array(hitSchema),
        truncated: z
          .boolean()
          .describe("The query was cut: at the service's limit, or at the encoder's"),
      }),
    )
    .describe('One entry per query, also for a single one'),
  degraded: z
    .strictObject({
      requested: z.enum(searchModes),
      code: z.string(),
      reason: z.string(),
    })
    .nullable()
    .describe('Why another mode than the requested one answered; null when none did'),
  timings: z.strictObject({
    totalMs: z.number(),
    cached: z.int().describe('Queries answered from the cache'),
  }),
});
export type SearchReply = z.infer<typeof searchReplySchema>;

/** What a service says of its index: hashes, passages, modes, the mode of `/retrieve`. */
export const searchIndexFactsSchema = z.looseObject({
  manifestHash: z.string(),
  corpusHash: z.string(),
  passages: z.int().min(0),
  defaultMode: z.string(),
});
export type SearchIndexFacts = z.output<typeof searchIndexFactsSchema>;

/** What was retrieved since the last report. */
export interface SearchFacts {
  readonly queries: number;
  /** Queries that were answered from a cache. */
  readonly cacheHits: number;
  /** Queries that shared the answer of an equal one under way. */
  readonly joined: number;
  /** Batches that ended; those that went over HTTP, with their retries. */
  readonly requests: number;
  readonly failedRequests: number;
  /** Mean and longest time of a batch; 0 where there was none. */
  readonly meanMs: number;
  readonly maxMs: number;
}

/** What answers searches: a service at an address, or an index in this process. */
export interface SearchService {
  /**
   * Passages of one query in the service's default mode, best first; none where nothing was found.
   * A service elsewhere is told the `asker`. Throws an SspError where the search failed, and the
   * signal's reason once it is aborted.
   */
  retrieve(
    query: string,
    topK: number,
    signal: AbortSignal,
    asker?: Asker,
  ): Promise<readonly RetrievedPassage[]>;
  /** The reply to a body of `POST /v1/search`. Throws as `retrieve` does. */
  search(body: object, signal: AbortSignal): Promise<SearchReply>;
  /** Undefined for another program than ours. Throws as `retrieve` does. */
  indexFacts(signal: AbortSignal): Promise<SearchIndexFacts | undefined>;
  /** What was retrieved since the last call of this. */
  takeFacts(): SearchFacts;
}
