import { randomUUID } from 'node:crypto';

import { test } from 'tap';

import { readHead, writeHead } from '../../../src/retrieval/index-head.ts';
import { holdIndex, liveReaders } from '../../../src/retrieval/reader-lease.ts';
import { smallPassages } from '../../material/retrieval/small-corpus.ts';
import { buildSmallIndex } from '../../material/retrieval/small-index.ts';
import { pause } from '../../material/search/stand-in-index.ts';
import { testFolder } from '../../material/test-folder.ts';

test('what is held is what the lease names, while builds switch all the time', async (t) => {
  const folder = await buildSmallIndex(testFolder(t), smallPassages(20));
  const head = await readHead(folder);
  const over = new AbortController();
  const switching = (async () => {
    while (!over.signal.aborted) {
      await writeHead(folder, { ...head, generation: randomUUID() });
      await pause(5);
    }
  })();
  const generations = new Set<string>();
  while (generations.size < 50) {
    const held = await holdIndex(folder);
    const [reader] = await liveReaders(folder);
    if (reader?.generation !== held.head.generation) t.fail('another generation is held');
    generations.add(held.head.generation);
    await held.release();
  }
  over.abort();
  await switching;
  t.same(await liveReaders(folder), [], 'released');
});
