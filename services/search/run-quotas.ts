import { LRUCache } from 'lru-cache';

import { SspError } from '../../src/errors/error.ts';

const minuteMs = 60_000;

/**
 * How many queries each run may ask: a token bucket (Turner 1986) that holds a minute's queries. One
 * request may ask more than that at once, as all rollouts of a step do: it takes a full bucket, and the
 * run waits until that is paid back. Requests that name no run share a bucket.
 */
export class RunQuotas {
  readonly #perMinute: number;
  readonly #nowMs: () => number;
  /** What was left, and when; runs that were quiet longest are forgotten first. */
  readonly #left: LRUCache<string, { readonly queries: number; readonly atMs: number }>;

  /** `perMinute` 0 sets no limit. `nowMs` is a clock that never goes back. */
  constructor(perMinute: number, maxRuns: number, nowMs = (): number => performance.now()) {
    this.#perMinute = perMinute;
    this.#nowMs = nowMs;
    this.#left = new LRUCache({ max: maxRuns });
  }

  /** Takes `queries` from the bucket of `run`. Throws SSP_RUN_QUOTA, taking none. */
  take(run: string | undefined, queries: number): void {
    const limit = this.#perMinute;
    if (limit === 0 || queries === 0) return;
    const key = run ?? '';
    const atMs = this.#nowMs();
    const before = this.#left.get(key) ?? { queries: limit, atMs };
    const left = Math.min(limit, before.queries + ((atMs - before.atMs) * limit) / minuteMs);
    const missing = Math.min(queries, limit) - left;
    if (missing > 0) {
      const retryAfterSeconds = Math.ceil((missing * minuteMs) / limit / 1000);
      throw new SspError('SSP_RUN_QUOTA', { run: run ?? '(none)', limit, retryAfterSeconds });
    }
    this.#left.set(key, { queries: left - queries, atMs });
  }
}
