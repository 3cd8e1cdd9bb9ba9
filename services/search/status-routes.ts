import { toolVersion } from '../../src/version.ts';
import type { QueryBroker } from './query-broker.ts';
import type { Readiness } from './readiness.ts';
import type { Route, ServiceContext } from './route.ts';
import type { ReadyReply } from './schemas.ts';
import { replySchemas } from './schemas.ts';

/** `GET /healthz`, `/readyz` and `/metrics`; the first two also without their last letter. */
export function statusRoutes({ readiness, metrics }: ServiceContext): Route[] {
  watchReadiness(readiness, metrics);
  const health: Route = {
    method: 'GET',
    path: '/healthz',
    summary: 'The process lives',
    open: true,
    reply: replySchemas.health,
    handle: () => ({ status: 'ok', version: toolVersion }),
  };
  const ready: Route = {
    method: 'GET',
    path: '/readyz',
    summary: '200 when searches are answered, else 503 with the progress of loading',
    open: true,
    reply: replySchemas.ready,
    otherStatuses: { 503: 'Not ready' },
    handle(_request, reply) {
      if (readiness.state !== 'ready') void reply.code(503).header('retry-after', '1');
      return readyReply(readiness);
    },
  };
  return [
    health,
    alias('/health', health),
    ready,
    alias('/ready', ready),
    {
      method: 'GET',
      path: '/metrics',
      summary: 'Metrics in the text format of Prometheus',
      async handle(_request, reply) {
        void reply.type(metrics.contentType);
        return metrics.text();
      },
    },
  ];
}

/** The gauges of what is at work now. */
function watchReadiness(readiness: Readiness, { watch }: ServiceContext['metrics']): void {
  const now = (): QueryBroker | undefined => readiness.served?.broker;
  watch('ssp_ready', '1 when the service answers searches', () =>
    readiness.state === 'ready' ? 1 : 0,
  );
  watch('ssp_queued_queries', 'Queries that wait', () => now()?.queued ?? 0);
  watch('ssp_running_batches', 'Batches that run', () => now()?.runningBatches ?? 0);
  watch('ssp_cache_bytes', 'Memory of the cache', () => now()?.cacheBytes ?? 0);
}

/** The same operation under another path. */
function alias(path: string, route: Route): Route {
  return { ...route, path, summary: `The same as GET ${route.path}`, aliasOf: route.path };
}

function readyReply(readiness: Readiness): ReadyReply {
  const { state, stages, failure, served } = readiness;
  return {
    status: state,
    detail: readiness.describe(),
    stages,
    ...(state === 'ready' && served !== undefined ? { index: served.broker.indexFacts } : {}),
    ...(failure === undefined ? {} : { error: { code: failure.code, message: failure.message } }),
  };
}
