import type { TransportRequestOptions } from '@elastic/elasticsearch';
import { Client } from '@elastic/elasticsearch';

import { pause } from '../concurrency/pause.ts';
import type { ElasticsearchConfig } from '../config/elasticsearch.ts';
import { SspError } from '../errors/error.ts';
import type { ClusterAccess } from './cluster-access.ts';
import type { ClusterAddress } from './cluster-address.ts';
import { shownCluster } from './cluster-address.ts';
import { clusterError, isPassing } from './cluster-errors.ts';

/** How a request is tried. */
interface AskOptions {
  readonly signal?: AbortSignal | undefined;
  /** For one reply, where it takes longer than usual. */
  readonly timeoutMs?: number | undefined;
  /** How long it is tried again; that of the configuration by default. */
  readonly patienceMs?: number | undefined;
}

/** A cluster that answers, until it is closed. */
export interface Cluster {
  /** As it is shown in texts. */
  readonly url: string;
  readonly version: string;
  readonly client: Client;
  /**
   * What `work` gives, with the request options that it is handed. A request must be one that may be
   * repeated: it is tried again, once at least, at another node where there is one, while nodes are lost,
   * red, silent or overloaded. Throws the SSP_CLUSTER_ errors, and the signal's reason once it is aborted.
   */
  readonly ask: <Result>(
    work: (options: TransportRequestOptions) => Promise<Result>,
    options?: AskOptions,
  ) => Promise<Result>;
  close(): Promise<void>;
}

const firstWaitMs = 100;
const longestWaitMs = 5_000;

/**
 * Reaches the cluster and looks at its version. Throws SSP_CLUSTER_VERSION and the other SSP_CLUSTER_
 * errors.
 */
export async function openCluster(
  address: Pick<ClusterAddress, 'nodes'>,
  { auth, ca }: ClusterAccess,
  {
    requestTimeoutMs,
    patienceSeconds,
  }: Pick<ElasticsearchConfig, 'requestTimeoutMs' | 'patienceSeconds'>,
  signal?: AbortSignal,
): Promise<Cluster> {
  const url = shownCluster(address);
  const client = new Client({
    nodes: [...address.nodes],
    maxRetries: 0, // `ask` does that, and waits in between
    requestTimeout: requestTimeoutMs,
    ...(auth === undefined ? {} : { auth }),
    ...(ca === undefined ? {} : { tls: { ca } }),
  });
  const ask: Cluster['ask'] = async (work, options = {}) => {
    const { patienceMs = patienceSeconds * 1000, timeoutMs } = options;
    const began = performance.now();
    for (let attempt = 0; ; attempt += 1) {
      options.signal?.throwIfAborted();
      try {
        return await work({
          ...(options.signal === undefined ? {} : { signal: options.signal }),
          ...(timeoutMs === undefined ? {} : { requestTimeout: timeoutMs }),
        });
      } catch (failure) {
        options.signal?.throwIfAborted();
        const error = clusterError(url, failure);
        const isLast = attempt >= address.nodes.length && performance.now() - began >= patienceMs;
        if (!isPassing(error) || isLast) throw error;
        // Another node is asked at once; when all have failed they are given time.
        if (attempt >= address.nodes.length - 1) await pause(waitMs(attempt), options.signal);
      }
    }
  };
  try {
    const version = await versionOf(client, ask, signal);
    requireVersion(url, version);
    return { url, version, client, ask, close: () => client.close() };
  } catch (error) {
    await client.close();
    throw error;
  }
}

function waitMs(attempt: number): number {
  return (
    Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2)
  );
}

/** `GET /` says it; a server without that route has it among what it says of its nodes. */
async function versionOf(
  client: Client,
  ask: Cluster['ask'],
  signal?: AbortSignal,
): Promise<string> {
  return ask(
    async (options) => {
      try {
        return (await client.info({}, options)).version.number;
      } catch (failure) {
        if ((failure as { statusCode?: number }).statusCode !== 405) throw failure;
        const { nodes } = await client.nodes.info({ filter_path: ['nodes.*.version'] }, options);
        return Object.values(nodes)[0]?.version ?? '';
      }
    },
    { signal, patienceMs: 0 },
  );
}

/** Client 8.19 promises to speak to 8.19 and later, and to 9 by its compatibility with 8. */
function requireVersion(url: string, version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if ((major === 8 && minor >= 19) || major === 9) return;
  throw new SspError('SSP_CLUSTER_VERSION', {
    url,
    version: version === '' ? 'of an unknown version' : version,
  });
}
