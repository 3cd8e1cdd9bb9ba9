import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from 'tap';
import { z } from 'zod';

import { writeFileAtomic, writeJsonAtomic } from '../../../src/storage/atomic-file.ts';
import { hashFile, hashOf, hashOfValue } from '../../../src/storage/hash.ts';
import { readJsonFile } from '../../../src/storage/json-files.ts';

test('a file is replaced whole and leaves nothing beside it', async (t) => {
  const folder = t.testdir({ 'a.txt': 'old' });
  await writeFileAtomic(join(folder, 'a.txt'), 'new');
  t.equal(await readFile(join(folder, 'a.txt'), 'utf8'), 'new');
  t.strictSame(await readdir(folder), ['a.txt']);
});

test('a failed write keeps the old file', async (t) => {
  const folder = t.testdir({ a: { 'inside.txt': 'x' } });
  await t.rejects(writeFileAtomic(join(folder, 'a'), 'a folder stands there'));
  t.strictSame(await readdir(folder), ['a']);
});

test('hashes are SHA-256, and of values independent of key order', async (t) => {
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'; // FIPS 180-2, B.1
  const folder = t.testdir({ abc: 'abc' });
  t.equal(hashOf('abc'), abc);
  t.equal(await hashFile(join(folder, 'abc')), abc);
  t.equal(hashOfValue({ a: 1, b: { c: 2, d: 3 } }), hashOfValue({ b: { d: 3, c: 2 }, a: 1 }));
  t.not(hashOfValue({ a: 1 }), hashOfValue({ a: 2 }));
  t.not(hashOfValue([1, 2]), hashOfValue([2, 1]));
});

test('a JSON file is checked as it is read', async (t) => {
  const folder = t.testdir({ 'bad.json': '{', 'wrong.json': '{"n": "x"}' });
  const schema = z.strictObject({ n: z.int() });
  await writeJsonAtomic(join(folder, 'good.json'), { n: 3 });
  t.strictSame(await readJsonFile(join(folder, 'good.json'), 'thing', schema), { n: 3 });
  const read = (name: string): Promise<unknown> =>
    readJsonFile(join(folder, name), 'thing', schema);
  await t.rejects(read('bad.json'), { code: 'SSP_FILE_INVALID' });
  await t.rejects(read('wrong.json'), { code: 'SSP_FILE_INVALID', message: /n: / });
  await t.rejects(read('none.json'), { code: 'SSP_FILE_NOT_FOUND' });
});
