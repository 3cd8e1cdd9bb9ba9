import type { PushedIndex } from '../../indexer/elasticsearch/push-index.ts';
import { pushIndex } from '../../indexer/elasticsearch/push-index.ts';
import type { Config } from '../config/schema.ts';
import { readClusterAccess } from '../elasticsearch/cluster-access.ts';
import { clusterAddressOf, indexAddress } from '../elasticsearch/cluster-address.ts';
import type { JobContext } from '../progress/progress.ts';

/** A pushed index, and what is given as `--index` to search it. */
export interface PushedTo extends PushedIndex {
  readonly address: string;
}

/** `ssp index push`. Throws what `pushIndex`, `readClusterAccess` and `clusterAddressOf` throw. */
export async function pushTo(
  request: {
    readonly folder: string;
    /** The cluster. */
    readonly to: string;
    readonly name: string;
    readonly removeFormer?: boolean;
  },
  { push: config, elasticsearch }: Pick<Config, 'push' | 'elasticsearch'>,
  context: JobContext,
): Promise<PushedTo> {
  const { folder, to, name, removeFormer = false } = request;
  const address = clusterAddressOf(to, name);
  const access = await readClusterAccess(elasticsearch, process.env);
  const pushed = await pushIndex({
    ...{ folder, address, access, config, elasticsearch, removeFormer },
    ...context,
  });
  return { ...pushed, address: indexAddress(address) };
}
