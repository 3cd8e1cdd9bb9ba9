import type { Cluster } from '../../src/elasticsearch/cluster.ts';
import { isNoSuchIndex } from '../../src/elasticsearch/cluster-errors.ts';
import { indexesNamed } from '../../src/elasticsearch/cluster-index.ts';
import { readClusterManifest } from '../../src/elasticsearch/cluster-manifest.ts';
import { SspError } from '../../src/errors/error.ts';

/**
 * The indexes other than `index` that `name` stands for now. Throws SSP_CLUSTER_INDEX_FOREIGN where it is
 * the name of an index itself, or stands for one that no push made.
 */
export async function formerIndexes(
  cluster: Cluster,
  name: string,
  index: string,
  signal: AbortSignal,
): Promise<string[]> {
  const { url } = cluster;
  const found = await indexesNamed(cluster, name, signal);
  if (found.some((one) => one.index === name)) {
    const problem = 'an index of its own has this name, which is to be an alias';
    throw new SspError('SSP_CLUSTER_INDEX_FOREIGN', { url, name, problem });
  }
  for (const one of found) readClusterManifest(url, name, one.meta);
  return found.map((one) => one.index).filter((one) => one !== index);
}

/** The switch of a name to an index. */
interface AliasSwitch {
  readonly name: string;
  readonly index: string;
  readonly removeFormer: boolean;
}

/**
 * Lets `name` stand for `index` alone, in one step, and removes what it stood for before where that is
 * asked. Gives what that was.
 */
export async function switchAlias(
  cluster: Cluster,
  { name, index, removeFormer }: AliasSwitch,
  signal: AbortSignal,
): Promise<{ readonly index: string; readonly removed: boolean }[]> {
  const { client, ask } = cluster;
  // Again, as another push may have ended meanwhile.
  const former = await formerIndexes(cluster, name, index, signal);
  const actions = [
    ...former.map((one) => ({ remove: { index: one, alias: name } })),
    { add: { index, alias: name } },
  ];
  await ask((options) => client.indices.updateAliases({ actions }, options), { signal });
  for (const one of removeFormer ? former : []) {
    await ask(
      (options) =>
        client.indices.delete({ index: one }, options).catch((failure: unknown) => {
          if (!isNoSuchIndex(failure)) throw failure;
        }),
      { signal },
    );
  }
  return former.map((one) => ({ index: one, removed: removeFormer }));
}
