import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { SaxesParser } from 'saxes';
import { test } from 'tap';

import type { GenerateOptions } from '../../../../corpus/fictional/generate.ts';
import { generateEncyclopedia } from '../../../../corpus/fictional/generate.ts';
import { silentProgress } from '../../../../src/progress/progress.ts';
import { hashFile } from '../../../../src/storage/hash.ts';

const { signal } = new AbortController();

function options(out: string, changed: Partial<GenerateOptions> = {}): GenerateOptions {
  const size = { seed: 1, entities: 100, questions: 60 };
  return { ...size, force: false, signal, progress: silentProgress, out, ...changed };
}

test('the default encyclopedia has these bytes', async (t) => {
  const out = t.testdir();
  await generateEncyclopedia(options(out, { entities: 2000, questions: 1500 }));
  // They change with any change of the wordings; then the shipped encoder is to be measured anew.
  t.equal(
    await hashFile(join(out, 'dump.xml')),
    '9ca3589ef6efbd75fa6116cd61499df187a0bbb25124d4391ede4608384a73b6',
  );
  t.equal(
    await hashFile(join(out, 'facts.jsonl')),
    '349851d06fc8ddc3d90da7055b10f7d750173bfdbdb52ee7cd43d727e96606aa',
  );
  t.equal(
    await hashFile(join(out, 'questions.jsonl')),
    '602100f88981a7b3135570e56d632cf47fc9209fb60e204c9a5b97df98fab40e',
  );
});

test('the manifest counts and hashes what was written', async (t) => {
  const out = t.testdir();
  const manifest = await generateEncyclopedia(options(out));
  t.strictSame(JSON.parse(await readFile(join(out, 'world.json'), 'utf8')), manifest);
  for (const { file, sha256, bytes } of manifest.files) {
    t.equal(await hashFile(join(out, file)), sha256);
    t.equal((await readFile(join(out, file))).length, bytes);
  }
  const lines = async (file: string): Promise<number> =>
    (await readFile(join(out, file), 'utf8')).split('\n').length - 1;
  t.equal(await lines('facts.jsonl'), manifest.facts);
  t.equal(await lines('questions.jsonl'), manifest.questions);
  const dump = await readFile(join(out, 'dump.xml'), 'utf8');
  const pages = Object.values(manifest.pages).reduce((sum, count) => sum + count, 0);
  t.equal(dump.split('<page>').length - 1, pages);
  t.strictSame((await readdir(out)).sort(), [
    'dump.xml',
    'facts.jsonl',
    'questions.jsonl',
    'world.json',
  ]);
});

test('another seed gives another world', async (t) => {
  const first = await generateEncyclopedia(options(t.testdir()));
  const second = await generateEncyclopedia(options(t.testdir({ a: {} }), { seed: 2 }));
  t.not(first.files[0]?.sha256, second.files[0]?.sha256);
});

test('the dump is well-formed XML with byte counts that are right', async (t) => {
  const out = t.testdir();
  await generateEncyclopedia(options(out));
  const parser = new SaxesParser();
  let expected = 0;
  let texts = 0;
  let text: string | undefined;
  parser.on('opentag', ({ name, attributes }) => {
    if (name !== 'text') return;
    expected = Number(attributes['bytes']);
    text = '';
  });
  parser.on('text', (piece) => {
    if (text !== undefined) text += piece;
  });
  parser.on('closetag', ({ name }) => {
    if (name !== 'text') return;
    if (Buffer.byteLength(text ?? '') !== expected) t.fail(`${expected} bytes were promised`);
    texts += 1;
    text = undefined;
  });
  parser.write(await readFile(join(out, 'dump.xml'), 'utf8')).close();
  t.ok(texts > 100);
});

test('a finished encyclopedia is only replaced with force', async (t) => {
  const out = t.testdir();
  const first = await generateEncyclopedia(options(out));
  await t.rejects(generateEncyclopedia(options(out)), { code: 'SSP_OUTPUT_EXISTS' });
  t.strictSame(await generateEncyclopedia(options(out, { force: true })), first);
});

test('an interrupted run leaves no manifest, and the next one makes the same bytes', async (t) => {
  const out = t.testdir();
  const controller = new AbortController();
  controller.abort();
  const stopped = generateEncyclopedia(options(out, { signal: controller.signal }));
  await t.rejects(stopped, { code: 'SSP_INTERRUPTED', exitCode: 130 });
  t.strictSame(await readdir(out), []);
  const again = await generateEncyclopedia(options(out));
  const undisturbed = await generateEncyclopedia(options(t.testdir({ b: {} })));
  t.strictSame(again, undisturbed);
});

test('a world past the names of two words says so', async (t) => {
  const notes: string[] = [];
  const progress = { ...silentProgress, note: (text: string) => notes.push(text) };
  await generateEncyclopedia(options(t.testdir(), { entities: 20_001, questions: 0, progress }));
  t.match(notes, [/names of two words run out/]);
});
