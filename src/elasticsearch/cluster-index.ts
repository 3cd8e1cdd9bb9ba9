import { SspError } from '../errors/error.ts';
import type { Cluster } from './cluster.ts';
import { isNoSuchIndex } from './cluster-errors.ts';
import type { ClusterManifest } from './cluster-manifest.ts';
import { readClusterManifest } from './cluster-manifest.ts';

/** An index as a cluster holds it under its own name. */
export interface FoundIndex {
  readonly index: string;
  /** Tells two indexes of one name apart. */
  readonly uuid: string;
  readonly manifest: ClusterManifest;
}

/** What the cluster holds under a name. */
interface NamedIndex {
  readonly index: string;
  readonly uuid: string;
  readonly meta: unknown;
}

/** The indexes that an alias or a name stands for: none where there is none. */
export async function indexesNamed(
  { client, ask }: Cluster,
  name: string,
  signal?: AbortSignal,
): Promise<NamedIndex[]> {
  const found = await ask(
    (options) =>
      client.indices
        .get({ index: name, flat_settings: true }, options)
        .catch((failure: unknown) => {
          if (isNoSuchIndex(failure)) return {};
          throw failure;
        }),
    { signal },
  );
  return Object.entries(found).map(([index, { mappings, settings }]) => ({
    index,
    uuid: String(settings?.['index.uuid' as keyof typeof settings] ?? ''),
    meta: mappings?._meta,
  }));
}

/**
 * The finished index that `name` stands for at this moment. Throws SSP_CLUSTER_INDEX_UNKNOWN,
 * SSP_CLUSTER_INDEX_UNFINISHED, SSP_CLUSTER_INDEX_FOREIGN, SSP_INDEX_OUTDATED.
 */
export async function findIndex(
  cluster: Cluster,
  name: string,
  signal?: AbortSignal,
): Promise<FoundIndex> {
  const { url } = cluster;
  const [first, ...others] = await indexesNamed(cluster, name, signal);
  if (first === undefined) {
    throw new SspError('SSP_CLUSTER_INDEX_UNKNOWN', {
      url,
      name,
      known: await knownNames(cluster),
    });
  }
  if (others.length > 0) {
    const problem = `it stands for ${others.length + 1} indexes`;
    throw new SspError('SSP_CLUSTER_INDEX_FOREIGN', { url, name, problem });
  }
  const manifest = readClusterManifest(url, name, first.meta);
  if (!manifest.finished) throw new SspError('SSP_CLUSTER_INDEX_UNFINISHED', { url, name });
  return { index: first.index, uuid: first.uuid, manifest };
}

const mostNames = 8;

/** The aliases that the cluster has, for a mistyped name; nothing where they may not be read. */
async function knownNames({ client, ask }: Cluster): Promise<string> {
  const indexes = await ask((options) => client.indices.getAlias({}, options), {
    patienceMs: 0,
  }).catch(() => ({}));
  const names = Object.values(indexes).flatMap(({ aliases }) => Object.keys(aliases));
  const shown = [...new Set(names)].filter((name) => !name.startsWith('.')).sort();
  return shown.length === 0 ? '' : ` It has ${shown.slice(0, mostNames).join(', ')}.`;
}
