import { SearchTally } from '../../src/clients/search-tally.ts';
import type { ServiceConfig } from '../../src/config/service.ts';
import type { RetrievedPassage } from '../../src/types/episode.ts';
import type { SearchIndex } from '../../src/types/retriever.ts';
import type {
  SearchFacts,
  SearchIndexFacts,
  SearchReply,
  SearchService,
} from '../../src/types/search-service.ts';
import { createMetrics } from './metrics.ts';
import { QueryBroker } from './query-broker.ts';
import { parseBody } from './request-body.ts';
import type { RequestSchemas } from './schemas.ts';
import { requestSchemas } from './schemas.ts';
import { answerSearch } from './search-route.ts';

/**
 * The search service over an index of this process, without HTTP: the same limits, cache, batches and
 * replies. Throws what {@link QueryBroker} throws, and the errors of a body that the schemas refuse.
 */
export class InProcessSearch implements SearchService {
  readonly #broker: QueryBroker;
  readonly #schemas: RequestSchemas;
  readonly #tally = new SearchTally();

  /** Throws SSP_MODE_UNAVAILABLE where `config.mode` names a mode that the index lacks. */
  constructor(index: SearchIndex, config: ServiceConfig) {
    this.#broker = new QueryBroker(index, config, createMetrics(), { tally: this.#tally });
    this.#schemas = requestSchemas(config);
  }

  async retrieve(
    query: string,
    topK: number,
    signal: AbortSignal,
  ): Promise<readonly RetrievedPassage[]> {
    signal.throwIfAborted();
    parseBody(this.#schemas.retrieve, { query, topk: topK });
    const mode = this.#broker.defaultMode;
    const { results } = await this.#broker.search([query], { mode, topK, signal });
    return results.flatMap(({ hits }) => hits.map(({ id, title, text }) => ({ id, title, text })));
  }

  async search(body: object, signal: AbortSignal): Promise<SearchReply> {
    return answerSearch(this.#broker, parseBody(this.#schemas.search, body), { signal });
  }

  indexFacts(): Promise<SearchIndexFacts> {
    return Promise.resolve(this.#broker.indexFacts);
  }

  takeFacts(): SearchFacts {
    return this.#tally.take();
  }
}
