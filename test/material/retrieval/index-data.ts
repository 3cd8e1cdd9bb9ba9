import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { dataFolder, headName, readHead } from '../../../src/retrieval/index-head.ts';
import { writeJsonAtomic } from '../../../src/storage/atomic-file.ts';

/** The folder of the generation that an index is. */
export async function currentData(folder: string): Promise<string> {
  return dataFolder(folder, (await readHead(folder)).generation);
}

/** Makes of a finished index one that looks as if an earlier version had built it, or begun to. */
export async function intoEarlierLayout(folder: string): Promise<void> {
  const { manifest, generation } = await readHead(folder);
  await cp(dataFolder(folder, generation), folder, { recursive: true });
  await rm(join(folder, 'generations'), { recursive: true });
  await rm(join(folder, 'readers'), { recursive: true, force: true });
  await writeJsonAtomic(join(folder, headName), { ...manifest, formatVersion: 1 });
}
