import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

import type { Asker } from '../../src/types/asker.ts';
import { callerHeaders, callerOf } from './caller.ts';

const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const queriesBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** What one service counts. Names and labels are part of its interface (docs/search-service.md). */
export interface Metrics {
  readonly requests: Counter<'route' | 'method' | 'status'>;
  readonly requestSeconds: Histogram<'route'>;
  readonly searchSeconds: Histogram<'mode'>;
  readonly searchedQueries: Counter<'mode'>;
  readonly batchQueries: Histogram<'mode'>;
  readonly joinedQueries: Counter;
  readonly rejectedRequests: Counter;
  readonly cacheHits: Counter;
  readonly cacheMisses: Counter;
  readonly reloads: Counter<'result'>;
  readonly toolCalls: Counter<'tool' | 'result'>;
  readonly runQueries: Counter<'run'>;
  readonly runSeconds: Histogram<'run'>;
  readonly runCacheHits: Counter<'run'>;
  readonly runEmptyResults: Counter<'run'>;
  readonly runRefused: Counter<'run'>;
  /** Gives gauges their values whenever somebody reads them. */
  watch: (name: string, help: string, value: () => number) => void;
  /** Everything in Prometheus' text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Metrics in a registry of their own, the process's among them, all at zero. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const instruments = instrumentsOf(registry);
  const { counter, histogram } = instruments;
  return {
    requests: counter('ssp_requests_total', 'Requests by route, method and status', [
      'route',
      'method',
      'status',
    ]),
    requestSeconds: histogram(
      'ssp_request_seconds',
      'Time from a request to its reply, by route',
      ['route'],
      secondsBuckets,
    ),
    searchSeconds: histogram(
      'ssp_search_seconds',
      'Time for the queries of one request, waiting included, by mode',
      ['mode'],
      secondsBuckets,
    ),
    searchedQueries: counter('ssp_queries_total', 'Queries asked, by mode', ['mode']),
    batchQueries: histogram(
      'ssp_batch_queries',
      'Queries of the batches given to the index, by mode',
      ['mode'],
      queriesBuckets,
    ),
    joinedQueries: counter('ssp_joined_queries_total', 'Queries answered with an equal one'),
    rejectedRequests: counter('ssp_rejected_requests_total', 'Requests answered 429'),
    cacheHits: counter('ssp_cache_hits_total', 'Queries answered from the cache'),
    cacheMisses: counter('ssp_cache_misses_total', 'Queries that the cache did not hold'),
    reloads: counter('ssp_reloads_total', 'Reloads of the index, by result: ok or failed', [
      'result',
    ]),
    toolCalls: counter(
      'ssp_mcp_tool_calls_total',
      'Calls of MCP tools, by tool and result: ok or the code of the error',
      ['tool', 'result'],
    ),
    ...runSeries(instruments),
    watch: instruments.gauge,
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

/** What makes the instruments of one registry. */
function instrumentsOf(registry: Registry) {
  const registers = [registry];
  const counter = <Label extends string = never>(
    name: string,
    help: string,
    labelNames: Label[] = [],
  ): Counter<Label> => new Counter({ name, help, labelNames, registers });
  const histogram = <Label extends string>(
    name: string,
    help: string,
    labelNames: Label[],
    buckets: number[],
  ): Histogram<Label> => new Histogram({ name, help, labelNames, buckets, registers });
  const gauge = (name: string, help: string, value: () => number): void => {
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(value());
      },
    });
  };
  return { counter, histogram, gauge };
}

type RunSeries = 'runQueries' | 'runSeconds' | 'runCacheHits' | 'runEmptyResults' | 'runRefused';

/** What is counted by run, under at most so many names as `RunMetrics` lets be. */
function runSeries({
  counter,
  histogram,
}: ReturnType<typeof instrumentsOf>): Pick<Metrics, RunSeries> {
  return {
    runQueries: counter('ssp_run_queries_total', 'Queries answered, by run', ['run']),
    runSeconds: histogram(
      'ssp_run_search_seconds',
      'Time for the queries of one request, waiting included, by run',
      ['run'],
      secondsBuckets,
    ),
    runCacheHits: counter('ssp_run_cache_hits_total', 'Queries answered from the cache, by run', [
      'run',
    ]),
    runEmptyResults: counter('ssp_run_empty_results_total', 'Queries without a hit, by run', [
      'run',
    ]),
    runRefused: counter('ssp_run_refused_total', 'Requests over the quota of a run', ['run']),
  };
}

/** Counts and times every request of `app`; with `log` writes one JSON line each to standard error. */
export function watchRequests(app: FastifyInstance, metrics: Metrics, log: boolean): void {
  app.addHook('onRequest', async (request, reply) => {
    for (const [key, value] of Object.entries(callerOf(request))) {
      void reply.header(callerHeaders[key as keyof Asker], value);
    }
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    const { method } = request;
    const { statusCode, elapsedTime } = reply;
    metrics.requests.inc({ route, method, status: String(statusCode) });
    metrics.requestSeconds.observe({ route }, elapsedTime / 1000);
    if (!log) return;
    const line = {
      time: new Date().toISOString(),
      ...{ method, url: request.url, status: statusCode },
      ms: Math.round(elapsedTime * 1000) / 1000,
      ...callerOf(request),
    };
    process.stderr.write(`${JSON.stringify(line)}\n`);
  });
}
