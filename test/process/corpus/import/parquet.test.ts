import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { test } from 'tap';

import { openCorpus } from '../../../../corpus/corpus.ts';
import { importPassages } from '../../../../corpus/import-passages.ts';
import type { Passage } from '../../../../src/types/passage.ts';
import { importRequest } from '../../../material/corpus/build-request.ts';

const files = fileURLToPath(new URL('../../../material/corpus/parquet', import.meta.url));

async function imported(paths: readonly string[], out: string): Promise<Passage[]> {
  await importPassages(importRequest(paths, out));
  const passages: Passage[] = [];
  for await (const passage of (await openCorpus(out)).passages()) passages.push(passage);
  return passages;
}

test('Parquet is read row for row, whatever its compression', async (t) => {
  const folder = t.testdir();
  const expected = Array.from({ length: 40 }, (_value, i) => ({
    id: String(i),
    title: `Title ${i}`,
    text: `Text ${i} with ä and 🚂.`,
  }));
  for (const name of ['none', 'snappy', 'zstd', 'gzip']) {
    const passages = await imported([join(files, `${name}.parquet`)], join(folder, name));
    t.strictSame(passages, expected, name);
  }
});

test('lists of sentences are articles; shards are read in the order of their names', async (t) => {
  const folder = t.testdir({ shards: {} });
  const sentences = join(folder, 'shards', 'b.parquet');
  copyFileSync(join(files, 'sentences.parquet'), sentences);
  copyFileSync(join(files, 'none.parquet'), join(folder, 'shards', 'a.parquet'));
  const passages = await imported([join(folder, 'shards')], join(folder, 'out'));
  t.equal(passages.length, 41);
  t.strictSame(passages.at(-1), {
    id: 'b.parquet:1-0',
    title: 'One',
    text: 'A sentence. Another.',
  });
});

test('a Parquet file that is cut, altered, without a text or in an archive is refused', async (t) => {
  const folder = t.testdir();
  const whole = readFileSync(join(files, 'snappy.parquet'));
  const holed = Buffer.from(whole);
  holed.fill(0xff, 20, 400);
  const cases: [string, Buffer, string][] = [
    ['cut.parquet', whole.subarray(0, 900), 'SSP_INPUT_DAMAGED'],
    ['head.parquet', whole.subarray(0, 4), 'SSP_INPUT_DAMAGED'],
    ['holed.parquet', holed, 'SSP_INPUT_DAMAGED'],
    ['x.parquet.gz', gzipSync(whole), 'SSP_INPUT_FORMAT'],
    ['no-text.parquet', readFileSync(join(files, 'no-text.parquet')), 'SSP_INPUT_FORMAT'],
  ];
  for (const [name, content, code] of cases) {
    const path = join(folder, name);
    writeFileSync(path, content);
    await t.rejects(imported([path], join(folder, 'out')), { code }, name);
  }
});
