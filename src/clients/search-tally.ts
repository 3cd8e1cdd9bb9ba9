import type { SearchFacts } from '../types/search-service.ts';

const nothing = { queries: 0, cacheHits: 0, joined: 0, requests: 0, failedRequests: 0 };

/** Counts what is retrieved, from one report to the next. */
export class SearchTally {
  #counts = { ...nothing };
  #totalMs = 0;
  #maxMs = 0;

  add(kind: 'queries' | 'cacheHits' | 'joined', count = 1): void {
    this.#counts[kind] += count;
  }

  /** Runs a batch and counts it with its time, also where it fails. */
  async measured<Result>(batch: () => Promise<Result>): Promise<Result> {
    const startMs = performance.now();
    let hasFailed = true;
    try {
      const result = await batch();
      hasFailed = false;
      return result;
    } finally {
      const ms = performance.now() - startMs;
      this.#counts.requests += 1;
      if (hasFailed) this.#counts.failedRequests += 1;
      this.#totalMs += ms;
      this.#maxMs = Math.max(this.#maxMs, ms);
    }
  }

  /** What was counted since the last call of this. */
  take(): SearchFacts {
    const { requests } = this.#counts;
    const meanMs = requests === 0 ? 0 : this.#totalMs / requests;
    const facts = { ...this.#counts, meanMs, maxMs: this.#maxMs };
    this.#counts = { ...nothing };
    [this.#totalMs, this.#maxMs] = [0, 0];
    return facts;
  }
}
