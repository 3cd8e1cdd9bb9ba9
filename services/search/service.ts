import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import type { FastifyInstance } from 'fastify';

import type { ServiceConfig } from '../../src/config/service.ts';
import { messageOf, SspError } from '../../src/errors/error.ts';
import type { Progress } from '../../src/progress/progress.ts';
import type { SearchIndex } from '../../src/types/retriever.ts';
import { createSearchApp } from './app.ts';
import { asCoded, IndexLoader } from './index-loader.ts';
import { createMetrics } from './metrics.ts';
import { QueryWatch } from './query-watch.ts';
import { Readiness } from './readiness.ts';

/** What a service needs to start. */
export interface ServiceOptions {
  readonly config: ServiceConfig;
  /** Required of requests where given; see `serviceToken`. */
  readonly token?: string | undefined;
  /** Opens the index; runs while the port is open already, and again for every reload. */
  open(progress: Progress, signal: AbortSignal): Promise<SearchIndex>;
  /** Names what `open` would open now, as `indexName` does; asked again and again with `watch`. */
  readonly current?: () => Promise<string | undefined>;
  readonly progress: Progress;
}

/** A service with an open port. */
export interface Service {
  /** `http://127.0.0.1:8000` */
  readonly url: string;
  /** Resolves when searches are answered; rejects with the reason when loading failed. */
  readonly ready: Promise<void>;
  /** Resolves when a file that was hashed is not what its build wrote: with `verifyFiles` only. */
  readonly damage: Promise<void>;
  /** Why nothing is answered any more, where that is a failure: its index is damaged. */
  readonly failure: SspError | undefined;
  /**
   * Opens the index again and answers from it. Requests under way get the reply of the index before,
   * which stays where the new one cannot be loaded. Never rejects: what came of it is noted.
   */
  reload(): Promise<void>;
  /** Takes no new requests, finishes those it has within the grace period, closes the index. */
  stop(): Promise<void>;
}

const watchMs = 2_000;

/**
 * Opens the port, then loads the index behind it: `/healthz` and `/readyz` answer from the start,
 * searches once the self-test has passed. Throws SSP_ADDRESS_UNAVAILABLE, and what
 * `QueryWatch.open` throws.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { config, token, progress, current } = options;
  const readiness = new Readiness(({ code, message }) => {
    progress.note(`nothing is answered any more: ${code}: ${message}`);
  });
  const metrics = createMetrics();
  const watch = await QueryWatch.open(config, metrics, progress);
  const app = createSearchApp({ config, readiness, metrics, token });
  const closeIdle = idleConnectionsCloser(app.server);
  const url = await listen(app, config).catch(async (error: unknown) => {
    await watch.close();
    throw error;
  });
  const loader = new IndexLoader({ ...options, readiness, metrics, watch });
  const ready = loader.load().catch((error: unknown) => {
    readiness.fail(asCoded(error));
    throw error;
  });
  ready.catch(() => undefined); // told by `ready` itself; not a stray rejection
  if (config.watch && current !== undefined) loader.watch(current, watchMs);
  return {
    url,
    ready,
    damage: loader.damage,
    get failure() {
      return readiness.failure;
    },
    reload: () => loader.reload(),
    async stop() {
      readiness.stop();
      loader.end();
      await closeWithin(app, config.graceMs, closeIdle);
      await loader.close();
      await watch.close();
    },
  };
}

async function listen(app: FastifyInstance, { host, port }: ServiceConfig): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const problem = code === 'EADDRINUSE' ? 'the port is in use' : messageOf(error);
    throw new SspError('SSP_ADDRESS_UNAVAILABLE', { host, port, problem });
  }
  const { address, family, port: taken } = app.server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`;
}

const closeIdleEveryMs = 20;

/**
 * Waits for the requests under way and closes each connection once it is idle; after `graceMs` the
 * others are cut.
 */
async function closeWithin(
  app: FastifyInstance,
  graceMs: number,
  closeIdle: () => void,
): Promise<void> {
  const idle = setInterval(closeIdle, closeIdleEveryMs);
  const cut = setTimeout(() => {
    app.server.closeAllConnections();
  }, graceMs);
  try {
    await app.close();
  } finally {
    clearInterval(idle);
    clearTimeout(cut);
  }
}

/**
 * Returns a function that closes every connection of `server` on which nothing is under way. Node's
 * own `closeIdleConnections` keeps those that have not carried a request yet; HTTP clients open
 * such ones in advance. They are closed at the second call that finds them so: what has arrived on
 * them is read in between. Likewise a call waits until the event loop has read what was there: a
 * busy process must not take a request that it has not seen for none.
 */
function idleConnectionsCloser(server: Server): () => void {
  const sockets = new Set<Socket>();
  const unused = new WeakSet<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return () => {
    setImmediate(() => {
      server.closeIdleConnections();
      for (const socket of sockets) {
        if (socket.bytesRead > 0) continue;
        if (unused.has(socket)) socket.destroy();
        unused.add(socket);
      }
    });
  };
}
