import { join } from 'node:path';

import { test } from 'tap';

import { openCorpus } from '../../../corpus/corpus.ts';
import { meanPassageBytes } from '../../../indexer/passage-bytes.ts';
import type { Passage } from '../../../src/types/passage.ts';
import { writeCorpus } from '../../material/retrieval/small-corpus.ts';
import { testFolder } from '../../material/test-folder.ts';

/** Passages with a title of two bytes and a text of as many letters of two bytes each. */
function passagesOf(lengths: readonly number[]): Passage[] {
  return lengths.map((length, i) => ({ id: `${i}`, title: 'ab', text: 'é'.repeat(length) }));
}

test('what does not compress is as long as it is', async (t) => {
  for (const [name, lengths, shard, mean] of [
    ['one file', [10, 30], 100, 2 + 40],
    ['three files', [10, 10, 20, 20, 60, 60], 2, 2 + 60],
    ['the second of four is not looked at', [10, 999, 20, 60], 1, 2 + 60],
    ['a thousand of a file', [...Array<number>(1000).fill(5), 9000], 5000, 2 + 10],
    ['none', [], 100, 0],
  ] as const) {
    const folder = join(testFolder(t), 'corpus');
    await writeCorpus(folder, passagesOf(lengths), [], shard);
    t.equal(await meanPassageBytes(await openCorpus(folder)), mean, name);
  }
});
