import { createWriteStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, gunzipSync } from 'node:zlib';

import { createRandom } from '../../src/random/random.ts';
import type { Passage } from '../../src/types/passage.ts';
import { sharedFile } from './shared-data.ts';
import { wiki84kFiles } from './wiki84k.ts';
import { importedCorpus, workshopPath } from './workshop.ts';

/** 12 x 84,426 passages. */
const copies = 12;
const seed = 1;

/**
 * A corpus of 1,013,112 passages, made once: wiki84k as it is, and eleven altered copies of it. In a
 * copy every second word of the text, on average, gives way to a word drawn from wiki84k's running
 * text, so that terms keep their frequencies and passages their lengths, and no two passages are
 * the same: identical copies would tie, which is easier for some engines than for others. Ids are
 * `<id>-<copy>`, the first copy keeps its own.
 */
export async function millionPassages(): Promise<string> {
  const file = await workshopPath('million.jsonl.gz');
  if (!existsSync(await workshopPath('million-corpus'))) {
    const gzip = createGzip({ level: 1 });
    await pipeline(Readable.from(passageLines()), gzip, createWriteStream(file));
  }
  return importedCorpus('million', file);
}

async function* passageLines(): AsyncGenerator<string> {
  const text = gunzipSync(await readFile(sharedFile(wiki84kFiles[0]))).toString('utf8');
  const lines = text.split('\n').filter((line) => line !== '');
  const passages = lines.map((line) => {
    const { id, title, text: words } = JSON.parse(line) as Passage;
    return { id, title, words: words.split(' ') };
  });
  const running = passages.flatMap(({ words }) => words);
  for (let copy = 0; copy < copies; copy += 1) {
    const random = createRandom(seed, copy);
    for (const { id, title, words } of passages) {
      const altered = words.map((word) => (random.chance(0.5) ? random.pick(running) : word));
      const passage =
        copy === 0
          ? { id, title, text: words.join(' ') }
          : { id: `${id}-${copy}`, title, text: altered.join(' ') };
      yield `${JSON.stringify(passage)}\n`;
    }
  }
}
