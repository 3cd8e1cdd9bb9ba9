import type { RetryPolicy } from '../../src/http/retry.ts';
import { askSearchService } from '../../src/http/search-service.ts';
import type { SearchReply } from './schemas.ts';
import { replySchemas } from './schemas.ts';

/** Where a service is. */
export interface SearchClientOptions {
  readonly url: string;
  readonly token?: string | undefined;
}

// Somebody waits at the terminal and can ask again.
const once: RetryPolicy = { attempts: 1, firstWaitMs: 0, longestWaitMs: 0, timeoutMs: 300_000 };

/** A caller of `POST /v1/search`. */
export class SearchClient {
  readonly #options: SearchClientOptions;

  constructor(options: SearchClientOptions) {
    this.#options = options;
  }

  /** The service's reply. Throws what {@link askSearchService} throws. */
  search(body: object, signal: AbortSignal): Promise<SearchReply> {
    const request = { path: '/v1/search', body, reply: replySchemas.search };
    return askSearchService({ ...this.#options, retries: once }, request, signal);
  }
}
