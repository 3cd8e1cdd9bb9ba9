import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { isHubId } from '../models/model-hub.ts';
import { shippedEncoder } from '../models/shipped.ts';
import { cacheFolder } from '../storage/cache-folder.ts';
import type { EncoderSource } from '../types/encoder.ts';
import { fileExists, readWeights, weightsFiles } from './model-files.ts';

/**
 * Where the encoder of an index lies now: where its source says, else in a folder of that name (or
 * `encoder`) in the index or beside it, else among the folders of `models` in the cache; of these the first
 * whose weights have `weightsHash`. An index that was copied to another machine, or mounted elsewhere, is
 * searched with its own encoder. Gives the source as it is where nothing is found, a hub id or a server.
 */
export async function findEncoder(
  source: EncoderSource,
  weightsHash: string,
  indexFolder: string,
): Promise<EncoderSource> {
  const { model, url, dtype } = source;
  if (url !== undefined || model === shippedEncoder || (await fileExists(model))) return source;
  const isFolder = !isHubId(model);
  for (const folder of await candidates(isFolder ? basename(model) : '', indexFolder)) {
    const weights = join(folder, weightsFiles[dtype]);
    if (!(await fileExists(weights))) continue;
    const external = `${weights}_data`;
    const files = (await fileExists(external)) ? [weights, external] : [weights];
    if ((await readWeights(files)).hash === weightsHash) return { ...source, model: folder };
  }
  return source;
}

async function candidates(name: string, indexFolder: string): Promise<string[]> {
  const index = resolve(indexFolder);
  const names = [...new Set(['encoder', name])].filter((one) => one !== '');
  const near = [index, dirname(index)].flatMap((place) => names.map((one) => join(place, one)));
  const models = join(cacheFolder(), 'models');
  const cached = await readdir(models).catch(() => []);
  return [...near, ...cached.sort().map((one) => join(models, one))];
}
