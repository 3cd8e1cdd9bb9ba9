import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from 'tap';
import { z } from 'zod';

import { eachJsonLine, readJsonLines, writeJsonLines } from '../../../src/storage/json-files.ts';

const schema = z.strictObject({ id: z.int(), text: z.string() });
/** About 2 MB in lines of all lengths, so that pieces end anywhere, within letters too. */
const values = Array.from({ length: 3000 }, (_, id) => ({
  id,
  text: 'Žižkov – 東京 '.repeat(id % 60),
}));

test('what is written is read, plain and gzipped', async (t) => {
  for (const name of ['values.jsonl', 'values.jsonl.gz']) {
    const path = join(t.testdir(), name);
    await writeJsonLines(path, values);
    t.same(await readJsonLines(path, 'values', schema), values, name);
    await writeJsonLines(path, []);
    t.same(await readJsonLines(path, 'values', schema), [], `${name}, empty`);
  }
});

test('a value that has no text is an error, and no file is left', async (t) => {
  const folder = t.testdir();
  const circle: { id: number; self?: unknown } = { id: 1 };
  circle.self = circle;
  for (const name of ['values.jsonl', 'values.jsonl.gz']) {
    const written = writeJsonLines(join(folder, name), [{ id: 0 }, circle]);
    await t.rejects(written, { message: /circular/ }, name);
  }
  t.same(await readdir(folder), []);
});

test('half a last line is left out, any other damage is an error', async (t) => {
  const path = join(t.testdir(), 'values.jsonl');
  await writeJsonLines(path, values);
  await appendFile(path, '{"id": 3000, "te');
  t.same(await readJsonLines(path, 'values', schema), values);
  await appendFile(path, '\n');
  await t.rejects(readJsonLines(path, 'values', schema), {
    code: 'SSP_FILE_INVALID',
    details: { path, problem: /^line 3001: / },
  });
  const packed = `${path}.gz`;
  await writeJsonLines(packed, values);
  await writeFile(packed, (await readFile(packed)).subarray(0, 5000));
  await t.rejects(readJsonLines(packed, 'values', schema), { code: 'SSP_FILE_UNREADABLE' });
  await t.rejects(readJsonLines(join(path, 'none'), 'values', schema), {
    code: 'SSP_FILE_UNREADABLE',
  });
});

test('values come one by one; what is not wanted is not read', async (t) => {
  for (const name of ['values.jsonl', 'values.jsonl.gz']) {
    const path = join(t.testdir(), name);
    await writeJsonLines(path, [...values, 'no object']);
    const taken: unknown[] = [];
    for await (const value of eachJsonLine(path, 'values', schema)) {
      taken.push(value);
      if (taken.length === 5) break;
    }
    t.same(taken, values.slice(0, 5), `${name}: the bad last line is not reached`);
    await t.rejects(readJsonLines(path, 'values', schema), { message: /values.*line 3001/s });
    await t.rejects(readJsonLines(`${path}.none`, 'values', schema), {
      ...{ code: 'SSP_FILE_NOT_FOUND', details: { what: 'values' } },
    });
  }
});

test('a mark that ends lines elsewhere does not end one here', async (t) => {
  const path = join(t.testdir(), 'values.jsonl');
  const odd = [{ id: 1, text: 'a\u2028b\u2029c\rd\u0085e' }];
  await writeJsonLines(path, odd);
  t.same(await readJsonLines(path, 'values', schema), odd);
});
