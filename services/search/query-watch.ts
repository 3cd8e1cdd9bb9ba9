import type { ServiceConfig } from '../../src/config/service.ts';
import { isSspError, messageOf } from '../../src/errors/error.ts';
import type { Progress } from '../../src/progress/progress.ts';
import type { Asker } from '../../src/types/asker.ts';
import type { LoggedQuery } from '../../src/types/logged-query.ts';
import type { QueryResult, SearchMode } from '../../src/types/retriever.ts';
import { cutCharacters } from './excerpt.ts';
import type { Metrics } from './metrics.ts';
import { QueryLog } from './query-log.ts';
import { RunMetrics } from './run-metrics.ts';
import { RunQuotas } from './run-quotas.ts';

/** Queries that were asked together. */
export interface AskedQueries {
  readonly queries: readonly string[];
  readonly asker: Asker;
  readonly route?: string | undefined;
  readonly mode: SearchMode;
  readonly topK: number;
  /** From the request to its hits, or to its failure. */
  readonly ms: number;
}

const loggedChars = 2000;
const maxRuns = 100;
const maxQuotas = 10_000;

/** What is kept of the queries of a service by the run that asks: metrics, quotas, the log. */
export class QueryWatch {
  readonly #metrics: RunMetrics;
  readonly #quotas: RunQuotas;
  readonly #log: QueryLog | undefined;

  private constructor(config: ServiceConfig, metrics: Metrics, log: QueryLog | undefined) {
    this.#metrics = new RunMetrics(metrics, maxRuns);
    this.#quotas = new RunQuotas(config.runQueriesPerMinute, maxQuotas);
    this.#log = log;
    metrics.watch('ssp_query_log_lost', 'Queries that the log could not take', () =>
      log === undefined ? 0 : log.lost,
    );
  }

  /** With the log that `config` names, if it names one. Throws what `QueryLog.open` throws. */
  static async open(
    config: ServiceConfig,
    metrics: Metrics,
    progress: Pick<Progress, 'note'>,
  ): Promise<QueryWatch> {
    const { queryLog, queryLogBytes, queryLogFiles } = config;
    const bounds = { maxBytes: queryLogBytes, maxFiles: queryLogFiles };
    const log =
      queryLog === undefined ? undefined : await QueryLog.open(queryLog, bounds, progress);
    return new QueryWatch(config, metrics, log);
  }

  /** Throws SSP_RUN_QUOTA where the run has asked enough for now. */
  admit(asker: Asker, queries: number): void {
    try {
      this.#quotas.take(asker.run, queries);
    } catch (error) {
      this.#metrics.refused(asker.run);
      throw error;
    }
  }

  /** Result and `cached` of query i stand at place i. */
  answered(asked: AskedQueries, results: readonly QueryResult[], cached: readonly boolean[]): void {
    const hits = results.map((result) => result.hits.length);
    this.#metrics.answered(asked.asker.run, {
      ms: asked.ms,
      queries: hits.length,
      cached: cached.filter(Boolean).length,
      empty: hits.filter((count) => count === 0).length,
    });
    this.#note(asked, (row) => {
      const top = results[row]?.hits[0]?.id;
      const found = { hits: hits[row] ?? 0, cached: cached[row] === true };
      return top === undefined ? found : { ...found, top };
    });
  }

  /** What was refused for its number (429) was not asked, and stands in no log. */
  failed(asked: AskedQueries, error: unknown): void {
    if (isSspError(error) && error.status === 429) return;
    const code = isSspError(error) ? error.code : messageOf(error);
    this.#note(asked, () => ({ error: code }));
  }

  /** Writes what the log still holds. */
  async close(): Promise<void> {
    await this.#log?.close();
  }

  #note(asked: AskedQueries, outcome: (row: number) => Partial<LoggedQuery>): void {
    if (this.#log === undefined) return;
    const { queries, asker, route, mode, topK, ms } = asked;
    const time = new Date().toISOString();
    const shared = { mode, topK, ms: Math.round(ms * 1000) / 1000 };
    for (const [row, query] of queries.entries()) {
      const text = cutCharacters(query, loggedChars);
      this.#log.add({ time, route, ...asker, query: text, ...shared, ...outcome(row) });
    }
  }
}
