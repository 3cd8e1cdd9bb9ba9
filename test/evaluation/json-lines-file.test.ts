import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from 'tap';
import { z } from 'zod';

import { readJsonLines, writeJsonLines } from '../../src/evaluation/json-lines-file.ts';

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
    t.same(await readJsonLines(path, schema), values, name);
    await writeJsonLines(path, []);
    t.same(await readJsonLines(path, schema), [], `${name}, empty`);
  }
});

test('half a last line is left out, any other damage is an error', async (t) => {
  const path = join(t.testdir(), 'values.jsonl');
  await writeJsonLines(path, values);
  await appendFile(path, '{"id": 3000, "te');
  t.same(await readJsonLines(path, schema), values);
  await appendFile(path, '\n');
  await t.rejects(readJsonLines(path, schema), {
    code: 'SSP_FILE_INVALID',
    details: { path, problem: /^line 3001: / },
  });
  const packed = `${path}.gz`;
  await writeJsonLines(packed, values);
  await writeFile(packed, (await readFile(packed)).subarray(0, 5000));
  await t.rejects(readJsonLines(packed, schema), { code: 'SSP_FILE_UNREADABLE' });
  await t.rejects(readJsonLines(join(path, 'none'), schema), { code: 'SSP_FILE_UNREADABLE' });
});
