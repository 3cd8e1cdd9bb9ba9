import { LRUCache } from 'lru-cache';

import type { Metrics } from './metrics.ts';

/** What a run asked in one request. */
interface RunAnswer {
  readonly ms: number;
  readonly queries: number;
  readonly cached: number;
  readonly empty: number;
}

/** The label of requests that name no run; no name has parentheses. */
const unnamed = '(none)';

/**
 * The metrics of each run. There are at most so many: a further run takes the place of the one that
 * was quiet longest, whose series end.
 */
export class RunMetrics {
  readonly #metrics: Metrics;
  readonly #known: LRUCache<string, true>;

  constructor(metrics: Metrics, maxRuns: number) {
    this.#metrics = metrics;
    const { runQueries, runSeconds, runCacheHits, runEmptyResults, runRefused } = metrics;
    const series = [runQueries, runSeconds, runCacheHits, runEmptyResults, runRefused];
    this.#known = new LRUCache({
      max: maxRuns,
      disposeAfter: (_known, run, reason) => {
        if (reason === 'evict') for (const each of series) each.remove({ run });
      },
    });
  }

  answered(run: string | undefined, { ms, queries, cached, empty }: RunAnswer): void {
    const label = this.#labelOf(run);
    this.#metrics.runQueries.inc(label, queries);
    this.#metrics.runSeconds.observe(label, ms / 1000);
    this.#metrics.runCacheHits.inc(label, cached);
    this.#metrics.runEmptyResults.inc(label, empty);
  }

  refused(run: string | undefined): void {
    this.#metrics.runRefused.inc(this.#labelOf(run));
  }

  #labelOf(run = unnamed): { readonly run: string } {
    this.#known.set(run, true);
    return { run };
  }
}
