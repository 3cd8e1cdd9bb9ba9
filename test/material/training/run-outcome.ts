import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { runFolder } from '../../../src/run/run-folder.ts';

/** Everything of a run that must not depend on chance: metrics and episodes, as text. */
export async function outcomeOf(path: string): Promise<string> {
  const folder = runFolder(path);
  const names = (await readdir(folder.episodes)).toSorted();
  const episodes = names.map(async (name) => {
    const bytes = gunzipSync(await readFile(join(folder.episodes, name)));
    return `${name}\n${bytes.toString('utf8')}`;
  });
  return [await readFile(folder.metrics, 'utf8'), ...(await Promise.all(episodes))].join('\n');
}
