import { test } from 'tap';

import type { WholeRows } from '../../../../corpus/import/whole-rows.ts';
import { wholeRows } from '../../../../corpus/import/whole-rows.ts';
import { randomNumbers } from '../../../material/retrieval/small-corpus.ts';

async function* pieces(bytes: Buffer, size: () => number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length;) {
    const end = start + size();
    yield bytes.subarray(start, end);
    start = await Promise.resolve(end);
  }
}

async function cut(bytes: Buffer, quoted: boolean, size: () => number): Promise<WholeRows[]> {
  const batches: WholeRows[] = [];
  for await (const batch of wholeRows(pieces(bytes, size), { quoted })) batches.push(batch);
  return batches;
}

const lineEnds = (text: string): number => text.split('\n').length - 1;

test('a text is cut between rows, never within quotes, and lines are counted', async (t) => {
  const random = randomNumbers(3);
  const rows = Array.from({ length: 40_000 }, (_value, row) => {
    const inner =
      random() < 0.5 ? `say ""x""\n${'line '.repeat(60)}` : 'plain '.repeat(20 * random());
    return `${row}\t"${inner}"\tT\n`;
  });
  const text = rows.join('');
  const starts = new Set<number>();
  let at = 0;
  for (const row of rows) {
    starts.add(at);
    at += row.length;
  }
  for (const size of [() => 1 + Math.floor(random() * 300_000), () => 2 ** 16, () => 2 ** 23]) {
    const batches = await cut(Buffer.from(text), true, size);
    t.ok(batches.length > 1 || size() > text.length);
    let offset = 0;
    for (const { bytes, firstLine } of batches) {
      t.ok(starts.has(offset), `a row begins at byte ${offset}`);
      t.equal(firstLine, lineEnds(text.slice(0, offset)) + 1);
      offset += bytes.length;
    }
    t.equal(Buffer.concat(batches.map(({ bytes }) => bytes)).toString(), text);
  }
});

test('quotes mean nothing in lines of JSON, and the last line needs no end', async (t) => {
  const line = `{"text": "an odd \\" quote ${'x'.repeat(1000)}"}\n`;
  const text = `${line.repeat(3000)}{"last": 1}`;
  const batches = await cut(Buffer.from(text), false, () => 70_000);
  t.ok(batches.length > 2);
  for (const { bytes } of batches.slice(0, -1)) t.equal(bytes.at(-1), 0x0a);
  t.equal(Buffer.concat(batches.map(({ bytes }) => bytes)).toString(), text);
  t.same(await cut(Buffer.alloc(0), false, () => 10), []);
});

test('a row over 64 MiB is an error with its line, and is not held', async (t) => {
  const text = Buffer.concat([Buffer.from('a\nb\n"'), Buffer.alloc(2 ** 26 + 2 ** 20, 'x')]);
  await t.rejects(
    cut(text, true, () => 2 ** 20),
    { line: 3, message: /over 64 MiB/ },
  );
});
