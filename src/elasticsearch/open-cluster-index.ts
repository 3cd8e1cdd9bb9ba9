import { createAnalyzer } from '../bm25/analyzer/analyzer.ts';
import type { ElasticsearchConfig } from '../config/elasticsearch.ts';
import { indexName } from '../retrieval/index-head.ts';
import { manifestHash } from '../retrieval/manifest-identity.ts';
import type { OpenIndexOptions } from '../retrieval/open-index.ts';
import { fusedRankers, openIndexEncoder } from '../retrieval/open-index.ts';
import type { PassageStore } from '../retrieval/passage-store.ts';
import type { Ranker } from '../retrieval/ranker.ts';
import type { Rankers } from '../retrieval/search-index.ts';
import { createSearchIndex } from '../retrieval/search-index.ts';
import type { Encoder } from '../types/encoder.ts';
import type { IndexFiles, SearchIndex, SearchMode } from '../types/retriever.ts';
import type { Cluster } from './cluster.ts';
import { openCluster } from './cluster.ts';
import { readClusterAccess } from './cluster-access.ts';
import { parseClusterAddress } from './cluster-address.ts';
import { clusterBm25 } from './cluster-bm25.ts';
import type { FoundIndex } from './cluster-index.ts';
import { findIndex } from './cluster-index.ts';
import { clusterPassages } from './cluster-passages.ts';
import type { SearchAll } from './cluster-search.ts';
import { searchesOf } from './cluster-search.ts';
import { clusterVectors } from './cluster-vectors.ts';

/** How an index in a cluster is opened. */
export interface OpenClusterOptions extends Pick<
  OpenIndexOptions,
  'encoder' | 'fusion' | 'onProgress'
> {
  readonly elasticsearch: ElasticsearchConfig;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens the index at an address such as `elasticsearch+https://host:9200/wiki`: what the name stands for
 * now is what is searched until it is closed, whatever is pushed meanwhile. Throws the SSP_CLUSTER_
 * errors, SSP_INDEX_OUTDATED, SSP_ENCODER_MISMATCH, and the signal's reason.
 */
export async function openClusterIndex(
  place: string,
  options: OpenClusterOptions,
): Promise<SearchIndex> {
  const { onProgress = () => undefined, signal } = options;
  onProgress('reaching the cluster', 0);
  const { name, cluster } = await clusterOf(place, options);
  try {
    const found = await findIndex(cluster, name, signal);
    const { manifest } = found.manifest;
    onProgress('opening the encoder', 0.2);
    const encoder = await openIndexEncoder(place, manifest, options.encoder);
    const close = async (): Promise<void> => {
      if (encoder?.owned === true) await encoder.encoder.close();
      await cluster.close();
    };
    const search = searchesOf({ cluster, index: found.index, shards: found.manifest.shards });
    const store = clusterPassages({ cluster, index: found.index }, search, manifest.passages);
    const fusion = options.fusion ?? manifest.fusion;
    const own = ownRankers(found, search, store, encoder?.encoder);
    const rankers = fusedRankers(own, fusion, store.ids);
    onProgress('ready', 1);
    const generation = generationOf(found);
    return {
      ...createSearchIndex(manifest, store, rankers, noFiles),
      generation,
      files: noFiles,
      close,
    };
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

/** Names what the address stands for whenever it is asked; undefined where that cannot be told. */
export function clusterNameReader(
  place: string,
  elasticsearch: ElasticsearchConfig,
): () => Promise<string | undefined> {
  let opened: ReturnType<typeof clusterOf> | undefined;
  return async () => {
    try {
      const { name, cluster } = await (opened ??= clusterOf(place, { elasticsearch }));
      const found = await findIndex(cluster, name);
      return indexName(generationOf(found), manifestHash(found.manifest.manifest));
    } catch {
      return undefined;
    }
  };
}

async function clusterOf(
  place: string,
  { elasticsearch, signal }: Pick<OpenClusterOptions, 'elasticsearch' | 'signal'>,
): Promise<{ readonly name: string; readonly cluster: Cluster }> {
  const address = parseClusterAddress(place);
  const access = await readClusterAccess(elasticsearch, process.env);
  return { name: address.name, cluster: await openCluster(address, access, elasticsearch, signal) };
}

function generationOf({ index, uuid }: FoundIndex): string {
  return `${index} (${uuid})`;
}

function ownRankers(
  { manifest: { manifest, vectors } }: FoundIndex,
  search: SearchAll,
  store: PassageStore,
  encoder: Encoder | undefined,
): Rankers {
  const { bm25, dense } = manifest;
  const rankers = new Map<SearchMode, Ranker>();
  if (bm25 !== undefined) rankers.set('bm25', clusterBm25(createAnalyzer(bm25.analyzer), search));
  if (dense !== undefined && vectors !== undefined && encoder !== undefined) {
    const { vectorDtype } = dense;
    rankers.set('dense', clusterVectors({ vectors, vectorDtype }, encoder, search, store.ids));
  }
  return rankers;
}

/** The cluster looks after its own. */
const noFiles: IndexFiles = {
  count: 0,
  bytes: 0,
  checkSizes: () => Promise.resolve(),
  checkHashes: () => Promise.resolve(),
};
