import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

import { test } from 'tap';

import { openCorpus } from '../../../corpus/corpus.ts';
import { importPassages } from '../../../corpus/import-passages.ts';
import type { CorpusManifest } from '../../../src/types/corpus-manifest.ts';
import type { Passage } from '../../../src/types/passage.ts';
import { missingShared, sharedFile } from '../../bench/shared-data.ts';
import { importRequest } from '../../material/corpus/build-request.ts';

const needsSharedData = { skip: missingShared('mediawiki', 'wiki84k') };

function importFile(path: string, out: string, shardPassages = 100): Promise<CorpusManifest> {
  return importPassages(importRequest([path], out, { settings: { shardPassages } }));
}

async function passagesOf(folder: string, startRow = 0): Promise<Passage[]> {
  const list: Passage[] = [];
  for await (const passage of (await openCorpus(folder)).passages(startRow)) list.push(passage);
  return list;
}

test('both shapes are read, plain and gz, with other keys left out', async (t) => {
  const lines = [
    '{"id": "a", "title": "T", "text": "One.", "sources": ["x"]}',
    '',
    '{"id": 7, "contents": "\\"Search R1\\"\\nTwo\\nlines."}',
    '{"id": "c", "contents": "No quotes\\nThree."}',
  ].join('\r\n');
  const folder = t.testdir({ 'p.jsonl': `\u{FEFF}${lines}` });
  writeFileSync(join(folder, 'p.jsonl.gz'), gzipSync(lines));
  const expected = [
    { id: 'a', title: 'T', text: 'One.' },
    { id: '7', title: 'Search R1', text: 'Two\nlines.' },
    { id: 'c', title: 'No quotes', text: 'Three.' },
  ];
  for (const name of ['p.jsonl', 'p.jsonl.gz']) {
    const manifest = await importFile(join(folder, name), join(folder, 'out', name));
    t.equal(manifest.read, 3);
    t.strictSame(await passagesOf(join(folder, 'out', name)), expected);
  }
});

test('a bad line is named by its number, and nothing is left behind', async (t) => {
  const good = '{"id": "a", "title": "T", "text": "x"}';
  const cases: readonly [string, RegExp][] = [
    [`${good}\n{"id": "b"`, /^Line 2 of .*not JSON/],
    [`${good}\n\n${good}`, /^Line 3 of .*the id a stands in an earlier row/],
    ['{"id": "", "title": "T", "text": "x"}', /^Line 1 of .*id is empty/],
    ['{"id": {}, "title": "T", "text": "x"}', /^Line 1 of .*id is neither/],
    ['{"id": 1.5, "title": "T", "text": "x"}', /^Line 1 of .*id is neither/],
    ['{"id": "b", "title": 7, "text": "x"}', /^Line 1 of .*title is not a text/],
    ['{"id": "b", "title": "T"}', /^Line 1 of .*it has no text/],
    ['{"id": "b", "title": "T", "text": ["x", 1]}', /^Line 1 of .*text is neither/],
    ['{"id": "b", "text": "\\ud800"}', /^Line 1 of .*half of a surrogate pair/],
    [`${good}\n[1]`, /^Line 2 of .*object/],
    [`${good}\n\u{0}`, /^Line 2 of/],
  ];
  for (const [text, message] of cases) {
    const folder = t.testdir({ 'p.jsonl': text });
    const out = join(folder, 'out');
    await t.rejects(importFile(join(folder, 'p.jsonl'), out), {
      code: 'SSP_IMPORT_INVALID',
      message,
    });
    t.notOk(existsSync(out));
  }
});

test('files of other kinds are named for what they are', async (t) => {
  const folder = t.testdir({ 'empty.jsonl': '', 'blank.jsonl': '\n\n', 'a.txt': 'Some words.' });
  const out = join(folder, 'out');
  const cases: [name: string, content: string | Buffer, code: string, problem: RegExp][] = [
    ['array.json', '[{"id": "a"}]', 'SSP_INPUT_FORMAT', /JSON array/],
    ['x.zip', 'PK\u{3}\u{4}', 'SSP_INPUT_FORMAT', /zip archive/],
    ['x.zst', Buffer.from('28b52ffd', 'hex'), 'SSP_INPUT_FORMAT', /zstd/],
    [
      'utf16.tsv',
      Buffer.from('\u{FEFF}id\ttext\ttitle\n', 'utf16le'),
      'SSP_INPUT_FORMAT',
      /UTF-16/,
    ],
    ['words.txt', 'Some words.', 'SSP_INPUT_FORMAT', /give texts as a folder/],
    ['latin1.jsonl', Buffer.from('{"id":"\xe9"}', 'latin1'), 'SSP_IMPORT_INVALID', /UTF-8/],
    [
      'cut.jsonl.gz',
      gzipSync('{"id":"a"}'.repeat(999)).subarray(0, 40),
      'SSP_INPUT_DAMAGED',
      /byte/,
    ],
    ['long.jsonl', `{"id": "${'x'.repeat(2 ** 26)}"}`, 'SSP_IMPORT_INVALID', /^Line 1 .*64 MiB/],
  ];
  for (const [name, content, code, message] of cases) {
    writeFileSync(join(folder, name), content);
    await t.rejects(importFile(join(folder, name), out), { code, message }, name);
    t.notOk(existsSync(out), name);
  }
  await t.rejects(importFile(join(folder, 'empty.jsonl'), out), { code: 'SSP_INPUT_EMPTY' });
  await t.rejects(importFile(join(folder, 'blank.jsonl'), out), { code: 'SSP_INPUT_FORMAT' });
  await t.rejects(importFile(join(folder, 'no.jsonl'), out), { code: 'SSP_FILE_NOT_FOUND' });
});

test('shards are cut at their size and read from any row', async (t) => {
  const lines = Array.from({ length: 250 }, (_, n) =>
    JSON.stringify({ id: String(n), title: 'T', text: `text ${n}` }),
  );
  const folder = t.testdir({ 'p.jsonl': lines.join('\n') });
  const out = join(folder, 'out');
  const manifest = await importFile(join(folder, 'p.jsonl'), out);
  t.strictSame(
    manifest.shards.map((shard) => shard.records),
    [100, 100, 50],
  );
  for (const start of [0, 99, 100, 101, 249, 250, 999]) {
    t.equal((await passagesOf(out, start)).length, Math.max(250 - start, 0));
  }
  t.equal((await passagesOf(out, 137))[0]?.id, '137');
});

test('a damaged corpus is found when it is read', async (t) => {
  const text = '{"id": "a", "title": "T", "text": "x"}\n{"id": "b", "title": "T", "text": "y"}\n';
  const folder = t.testdir({ 'p.jsonl': text });
  const out = join(folder, 'out');
  const manifest = await importFile(join(folder, 'p.jsonl'), out);
  const path = join(out, manifest.shards[0]?.file ?? '');
  const good = readFileSync(path);
  const altered = Buffer.from(good);
  altered[20] = (altered[20] ?? 0) ^ 0xff;
  const other = gzipSync('z'.repeat(200)).subarray(0, good.length);
  for (const bad of [
    good.subarray(0, -4),
    Buffer.concat([good, Buffer.from('x')]),
    altered,
    other,
  ]) {
    writeFileSync(path, bad);
    await t.rejects(passagesOf(out), { code: 'SSP_CORPUS_DAMAGED' });
  }
  writeFileSync(path, good);
  t.equal((await passagesOf(out)).length, 2);
});

test('nothing of a corpus file that was altered is given away, whatever its rows say', async (t) => {
  const rows = Array.from(
    { length: 200 },
    (_, i) => `{"id": "${i}", "title": "T", "text": "x${i}"}`,
  );
  const folder = t.testdir({ 'p.jsonl': rows.join('\n') });
  const out = join(folder, 'out');
  const manifest = await importFile(join(folder, 'p.jsonl'), out);
  const second = manifest.shards[1];
  const path = join(out, second?.file ?? '');
  // As many bytes and rows, in which every row is right by itself.
  const written = gunzipSync(readFileSync(path)).toString('utf8');
  const swaps = Array.from({ length: 99 }, (_, i) => `x${100 + i}`);
  const altered = swaps
    .map((text) => gzipSync(written.replace(`"${text}"`, '"x199"')))
    .find(({ length }) => length === second?.bytes);
  if (altered === undefined) throw new Error('no swap keeps the size');
  writeFileSync(path, altered);
  const given: string[] = [];
  const read = async (): Promise<void> => {
    for await (const { id } of (await openCorpus(out)).passages()) given.push(id);
  };
  await t.rejects(read(), {
    code: 'SSP_CORPUS_DAMAGED',
    message: /its SHA-256 is \w{12}, that of what was written is \w{12}$/,
    details: { path },
  });
  t.equal(given.length, 100, 'the first file, and nothing of the second');
});

test('a corpus manifest that contradicts itself is not read', async (t) => {
  const text = '{"id": "a", "title": "T", "text": "x"}';
  const folder = t.testdir({ 'p.jsonl': text });
  const out = join(folder, 'out');
  const manifest = await importFile(join(folder, 'p.jsonl'), out);
  const sha256 = '0'.repeat(64);
  const cases: [Partial<CorpusManifest>, RegExp][] = [
    [{ passages: 17 }, /it names 17 passages and files of 1/],
    [{ aliases: 2 }, /it names 2 aliases and a file of 0/],
    [{ corpusHash: sha256 }, /the corpus hash is not that of its files/],
    [{ shards: manifest.shards.map((shard) => ({ ...shard, sha256 })) }, /the corpus hash is not/],
  ];
  for (const [change, message] of cases) {
    writeFileSync(join(out, 'manifest.json'), JSON.stringify({ ...manifest, ...change }));
    await t.rejects(openCorpus(out), { code: 'SSP_FILE_INVALID', message });
  }
});

test('wiki84k is imported whole', needsSharedData, async (t) => {
  const out = join(t.testdir(), 'out');
  const manifest = await importFile(sharedFile('wiki84k/corpus.jsonl.gz'), out, 50_000);
  t.equal(manifest.passages, 84_426);
  t.equal(manifest.shards.length, 2);
});
