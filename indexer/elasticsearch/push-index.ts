import type { ElasticsearchConfig, PushConfig } from '../../src/config/elasticsearch.ts';
import type { Cluster } from '../../src/elasticsearch/cluster.ts';
import { openCluster } from '../../src/elasticsearch/cluster.ts';
import type { ClusterAccess } from '../../src/elasticsearch/cluster-access.ts';
import type { ClusterAddress } from '../../src/elasticsearch/cluster-address.ts';
import { indexDefinition } from '../../src/elasticsearch/cluster-documents.ts';
import { indexesNamed } from '../../src/elasticsearch/cluster-index.ts';
import type { ClusterManifest, ClusterVectors } from '../../src/elasticsearch/cluster-manifest.ts';
import {
  clusterGeneration,
  clusterManifest,
  readClusterManifest,
} from '../../src/elasticsearch/cluster-manifest.ts';
import { SspError } from '../../src/errors/error.ts';
import type { JobContext } from '../../src/progress/progress.ts';
import { openIndexFiles } from '../../src/retrieval/index-files.ts';
import { manifestHash } from '../../src/retrieval/manifest-identity.ts';
import { holdIndex } from '../../src/retrieval/reader-lease.ts';
import type { IndexManifest } from '../../src/types/index-manifest.ts';
import { openDocuments } from './index-documents.ts';
import { pushDocuments } from './push-documents.ts';
import { formerIndexes, switchAlias } from './switch-alias.ts';

/** What `ssp index push` was asked for. */
export interface PushRequest extends JobContext {
  /** A finished index. */
  readonly folder: string;
  readonly address: ClusterAddress;
  readonly access: ClusterAccess;
  readonly config: PushConfig;
  readonly elasticsearch: ElasticsearchConfig;
  /** Removes the index that was searched under the name before, once it is not any more. */
  readonly removeFormer: boolean;
}

/** What a push has left in the cluster. */
export interface PushedIndex {
  readonly name: string;
  /** The name of its own in the cluster. */
  readonly index: string;
  readonly manifestHash: string;
  readonly passages: number;
  readonly aliases: number;
  /** Documents that this push has sent; 0 where everything was there. */
  readonly pushed: number;
  /** What all copies take on the disks of the cluster. */
  readonly bytes: number;
  /** Indexes that were searched under the name before. */
  readonly former: readonly { readonly index: string; readonly removed: boolean }[];
}

/** A push has more time than a search: a node may be started anew meanwhile. */
const pushPatience = 10;
const mergeTimeoutMs = 24 * 3_600_000;

/**
 * Makes a finished index searchable in a cluster under the name of `address`. Documents go into an index
 * of its own, whose name follows from the manifest, so that a push that was killed goes on with what the
 * cluster has, and two at once make the same. When the cluster holds every document, the name is switched
 * to it; until then what was there is searched. Memory does not grow with the index. Throws the
 * SSP_CLUSTER_ and SSP_PUSH_ errors, those of opening an index, and SSP_INTERRUPTED after an abort.
 */
export async function pushIndex(request: PushRequest): Promise<PushedIndex> {
  const { folder, address, access, elasticsearch, signal } = request;
  const held = await holdIndex(folder);
  try {
    await openIndexFiles(folder, held.head).checkSizes();
    const patienceSeconds = elasticsearch.patienceSeconds * pushPatience;
    const cluster = await openCluster(
      address,
      access,
      { ...elasticsearch, patienceSeconds },
      signal,
    );
    try {
      const documents = await openDocuments(folder, held.head);
      try {
        return await push(request, cluster, held.head.manifest, documents);
      } finally {
        documents.close();
      }
    } finally {
      await cluster.close();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new SspError('SSP_INTERRUPTED', {
      progress: 'what was pushed stays in the cluster, and what was searched before still is.',
      resume: 'it goes on where it stopped.',
    });
  } finally {
    await held.release();
  }
}

async function push(
  request: PushRequest,
  cluster: Cluster,
  manifest: IndexManifest,
  documents: Awaited<ReturnType<typeof openDocuments>>,
): Promise<PushedIndex> {
  const { address, config, progress, signal, removeFormer } = request;
  const { name } = address;
  const wanted = manifestOf(manifest, config);
  const index = `${name}-${clusterGeneration(wanted)}`;
  await formerIndexes(cluster, name, index, signal); // what would be refused at the end is refused now
  await createIndex(cluster, index, wanted, config.replicas, signal);
  const pushed = await pushDocuments({ cluster, index, documents, config, progress, signal });
  await finish(cluster, index, { ...wanted, finished: true }, request);
  const left = await switchAlias(cluster, { name, index, removeFormer }, signal);
  return {
    name,
    index,
    manifestHash: manifestHash(manifest),
    passages: manifest.passages,
    aliases: manifest.aliases,
    pushed,
    bytes: await storedBytes(cluster, index, signal),
    former: left,
  };
}

function manifestOf(manifest: IndexManifest, config: PushConfig): ClusterManifest {
  const { shards, textAnalyzer } = config;
  const vectors = manifest.dense && vectorsOf(manifest.dense.encoder.dimension, config);
  return clusterManifest({
    manifest,
    shards,
    finished: false,
    ...(vectors && { vectors }),
    ...(textAnalyzer === undefined ? {} : { textAnalyzer }),
  });
}

/** What bbq_hnsw needs at least. */
const leastBbqDimension = 64;

function vectorsOf(
  dimension: number,
  { vectorIndex, oversample, candidates }: PushConfig,
): ClusterVectors {
  const usual = dimension >= leastBbqDimension ? 'bbq_hnsw' : 'int8_hnsw';
  const type = vectorIndex === 'auto' ? usual : vectorIndex;
  if (type === 'flat') return { type };
  return type === 'hnsw' ? { type, candidates } : { type, candidates, oversample };
}

/** Creates the index, or finds the one that an earlier push of the same began. */
async function createIndex(
  cluster: Cluster,
  index: string,
  manifest: ClusterManifest,
  replicas: number,
  signal: AbortSignal,
): Promise<void> {
  const { client, ask, url } = cluster;
  const [there] = await indexesNamed(cluster, index, signal);
  if (there === undefined) {
    const definition = indexDefinition(manifest, replicas);
    await ask(
      (options) =>
        client.indices
          .create({ index, ...definition, wait_for_active_shards: 1 }, options)
          .catch((failure: unknown) => {
            // Another push of the same, or the request before this one, was quicker.
            if (isAlreadyThere(failure)) return undefined;
            throw failure;
          }),
      { signal },
    );
  }
  const [found] = await indexesNamed(cluster, index, signal);
  readClusterManifest(url, index, found?.meta); // of the same documents, as the name says
  await ask(
    (options) =>
      client.indices.putSettings({ index, settings: { number_of_replicas: replicas } }, options),
    { signal },
  );
}

function isAlreadyThere(failure: unknown): boolean {
  const { body } = failure as { body?: { error?: { type?: string } } };
  return body?.error?.type === 'resource_already_exists_exception';
}

/** Every document is there: searches see all of them, and the manifest says so. */
async function finish(
  { client, ask }: Cluster,
  index: string,
  manifest: ClusterManifest,
  { config, signal, progress }: PushRequest,
): Promise<void> {
  if (config.merge) {
    progress.note('merging every shard into one segment');
    const merged = { index, max_num_segments: 1 };
    await ask((options) => client.indices.forcemerge(merged, options), {
      signal,
      timeoutMs: mergeTimeoutMs,
    });
  }
  const settings = { refresh_interval: null } as unknown as { refresh_interval: string };
  await ask((options) => client.indices.putSettings({ index, settings }, options), { signal });
  await ask((options) => client.indices.refresh({ index }, options), { signal });
  const mapping = { index, _meta: { ssp: manifest } };
  await ask((options) => client.indices.putMapping(mapping, options), { signal });
}

async function storedBytes(
  { client, ask }: Cluster,
  index: string,
  signal: AbortSignal,
): Promise<number> {
  const { _all: all } = await ask(
    (options) => client.indices.stats({ index, metric: 'store' }, options),
    { signal },
  );
  return all.total?.store?.size_in_bytes ?? 0;
}
