import { join } from 'node:path';

import { buildCorpus } from '../../../corpus/build-corpus.ts';
import { generateEncyclopedia } from '../../../corpus/fictional/generate.ts';
import type { World, WorldSize } from '../../../corpus/fictional/world.ts';
import { createWorld } from '../../../corpus/fictional/world.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { buildRequest } from '../corpus/build-request.ts';

/** A world and its corpus, built in `folder`. */
export async function fictionalCorpus(
  folder: string,
  size: WorldSize,
): Promise<{ world: World; corpus: string }> {
  const { signal } = new AbortController();
  const run = { force: false, signal, progress: silentProgress };
  await generateEncyclopedia({ ...run, ...size, questions: 90, out: folder });
  const corpus = join(folder, 'corpus');
  await buildCorpus(buildRequest([join(folder, 'dump.xml')], corpus));
  return { world: createWorld(size), corpus };
}
