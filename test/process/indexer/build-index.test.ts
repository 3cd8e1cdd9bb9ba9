import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

import type { Test } from 'tap';
import { test } from 'tap';

import type { BuildRequest } from '../../../indexer/build-index.ts';
import { buildIndex } from '../../../indexer/build-index.ts';
import { indexConfig } from '../../../src/config/index-build.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { openIndex } from '../../../src/retrieval/open-index.ts';
import type { Encoder } from '../../../src/types/encoder.ts';
import { currentData } from '../../material/retrieval/index-data.ts';
import { smallPassages, writeCorpus } from '../../material/retrieval/small-corpus.ts';
import { standInEncoder } from '../../material/retrieval/stand-in-encoder.ts';
import { testFolder } from '../../material/test-folder.ts';

const passages = smallPassages(1700);
const aliases = [{ alias: 'Old name', title: passages[0]?.title ?? '' }];

/** A corpus of 1,700 passages in a test's folder, and a request to build its index. */
async function prepare(t: Test): Promise<{
  readonly out: string;
  readonly request: (changes?: Partial<BuildRequest>) => BuildRequest;
}> {
  const folder = testFolder(t);
  const corpusFolder = join(folder, 'corpus');
  const out = join(folder, 'index');
  await writeCorpus(corpusFolder, passages, aliases, 500);
  return {
    out,
    request: (changes = {}) => ({
      corpusFolder,
      out,
      config: indexConfig.parse({}),
      encoder: withSource(standInEncoder()),
      force: false,
      progress: silentProgress,
      signal: new AbortController().signal,
      ...changes,
    }),
  };
}

function withSource(encoder: Encoder): NonNullable<BuildRequest['encoder']> {
  return { encoder, source: { model: 'stand-in', dtype: 'fp32' } };
}

/** An encoder that fails at its `call`-th batch of passages, as a crash would. */
function failingEncoder(call: number): Encoder {
  let calls = 0;
  return standInEncoder({}, () => {
    calls += 1;
    if (calls === call) throw new Error('crash');
  });
}

/** An encoder that fails at passages: their vectors are there already. */
function queriesOnly(): Encoder {
  return { ...standInEncoder(), encodePassages: () => Promise.reject(new Error('encoded again')) };
}

test('an index holds every passage in both indexes, and says so', async (t) => {
  const { out, request } = await prepare(t);
  const { manifest, manifestHash } = await buildIndex(request());
  t.match(manifest, { passages: 1700, aliases: 1, bm25: { k1: 0.9, b: 0.75 } });
  t.match(manifest.dense, { truncatedPassages: 0, vectorIndex: { type: 'exact' } });
  const index = await openIndex(out, { encoder: standInEncoder() });
  t.teardown(() => index.close());
  t.same(index.modes, ['bm25', 'dense', 'hybrid']);
  t.equal(index.manifestHash, manifestHash);
  t.same(await index.passage(passages[1234]?.id ?? ''), passages[1234]);
  t.equal(await index.passage('nowhere'), undefined);
  const page = await index.page('Old name');
  t.equal(page?.title, passages[0]?.title);
  t.equal(page?.redirectedFrom, 'Old name');
  t.same(
    page?.passages,
    passages.filter(({ title }) => title === passages[0]?.title),
  );
  t.equal((await index.sample(10)).length, 10);
  t.notOk(existsSync(join(out, 'build.lock')), 'the lock is released');
  t.same(await readdir(out), ['generations', 'manifest.json', 'readers']);
  t.same(await readdir(await currentData(out)), ['bm25', 'journal.json', 'lance', 'passages']);
});

test('built again, it is left as it is; nothing is encoded twice', async (t) => {
  const { request } = await prepare(t);
  const first = await buildIndex(request());
  const again = await buildIndex(request({ encoder: withSource(failingEncoder(1)) }));
  t.same(again, first);
});

test('after a crash in any chunk the same command gives the same index', async (t) => {
  const { out, request } = await prepare(t);
  const undisturbed = await buildIndex(request());
  for (const call of [1, 2, 4]) {
    await rm(out, { recursive: true });
    const crashing = withSource(failingEncoder(call));
    await t.rejects(buildIndex(request({ encoder: crashing })), { message: 'crash' });
    await t.rejects(openIndex(out), { code: 'SSP_INDEX_UNFINISHED' });
    const seen: number[] = [];
    const counting = standInEncoder({}, (texts) => void seen.push(texts.length));
    const resumed = await buildIndex(request({ encoder: withSource(counting) }));
    t.equal(resumed.manifestHash, undisturbed.manifestHash);
    t.same(resumed.manifest, undisturbed.manifest, 'vectors and passages too');
    t.equal(seen.length, 4 - (call - 1), 'chunks that were kept are not encoded again');
  }
});

test('an abort is a coded error that tells how to go on', async (t) => {
  const { out, request } = await prepare(t);
  const controller = new AbortController();
  const stopping = standInEncoder({}, () => {
    controller.abort(new Error('SIGINT'));
  });
  await t.rejects(
    buildIndex(request({ encoder: withSource(stopping), signal: controller.signal })),
    { code: 'SSP_INTERRUPTED', exitCode: 130 },
  );
  t.notOk(existsSync(join(out, 'manifest.json')));
  await t.resolves(buildIndex(request()));
});

test('a mode can be added, and not taken away unnoticed', async (t) => {
  const { out, request } = await prepare(t);
  const bm25 = indexConfig.parse({ modes: ['bm25'] });
  const both = await buildIndex(request());
  await rm(out, { recursive: true });
  const first = await buildIndex(request({ config: bm25, encoder: undefined }));
  t.equal(first.manifest.dense, undefined);
  t.equal(first.manifest.fusion, undefined);
  t.same((await buildIndex(request())).manifest, both.manifest);
  await t.rejects(buildIndex(request({ config: bm25, encoder: undefined })), {
    code: 'SSP_INDEX_DIFFERS',
    message: /dense.*now absent/,
  });
});

test('other settings are refused by name; --force builds again what they change', async (t) => {
  const { out, request } = await prepare(t);
  await buildIndex(request());
  const simple = indexConfig.parse({ analyzer: 'simple' });
  await t.rejects(buildIndex(request({ config: simple })), {
    code: 'SSP_INDEX_DIFFERS',
    message: /bm25\.analyzer\.name was "english", now "simple"/,
  });
  const encoder = withSource(queriesOnly());
  const { manifest } = await buildIndex(request({ config: simple, force: true, encoder }));
  t.equal(manifest.bm25?.analyzer.name, 'simple', 'without encoding again');
  const rq = indexConfig.parse({ analyzer: 'simple', vectorIndex: 'ivf-rq' });
  const ann = await buildIndex(request({ config: rq, force: true, encoder }));
  t.match(ann.manifest.dense, { vectorIndex: { type: 'ivf-rq' }, recallTarget: 0.98 });
  t.ok((ann.manifest.dense?.recall?.at10 ?? 0) >= 0.98, 'its search was chosen for that');
  await (await openIndex(out)).close();
  const other = withSource(standInEncoder({ weightsHash: 'b'.repeat(64) }));
  await t.rejects(buildIndex(request({ config: rq, encoder: other })), {
    message: /dense\.encoder\.weightsHash/,
  });
});

test('vectors are stored as fp16; other numbers are made of them without encoding again', async (t) => {
  const { out, request } = await prepare(t);
  const single = indexConfig.parse({ vectorDtype: 'fp32' });
  const first = await buildIndex(request({ config: single }));
  t.equal(first.manifest.dense?.vectorDtype, 'fp32');
  await t.rejects(buildIndex(request()), {
    code: 'SSP_INDEX_DIFFERS',
    message: /dense\.vectorDtype was "fp32", now "fp16"/,
  });
  const encoder = withSource(queriesOnly());
  const half = await buildIndex(request({ force: true, encoder }));
  t.equal(half.manifest.dense?.vectorDtype, 'fp16');
  t.not(half.manifestHash, first.manifestHash);
  await rm(out, { recursive: true });
  t.same(await buildIndex(request()), half, 'the same as encoded ones');
  await t.rejects(buildIndex(request({ config: single, force: true, encoder })), {
    message: 'encoded again',
  });
  const raw = withSource(standInEncoder({ normalize: false }));
  t.equal(
    (await buildIndex(request({ encoder: raw, force: true }))).manifest.dense?.vectorDtype,
    'fp32',
    'other vectors may not fit',
  );
});

test('another fusion changes the manifest and nothing else', async (t) => {
  const { request } = await prepare(t);
  const first = await buildIndex(request());
  const config = indexConfig.parse({ fusion: 'reciprocal-rank', bm25Weight: 2 });
  const { manifest } = await buildIndex(request({ config }));
  t.match(manifest.fusion, { method: 'reciprocal-rank', rankConstant: 60, bm25Weight: 2 });
  t.same({ ...manifest, fusion: undefined }, { ...first.manifest, fusion: undefined });
});

test('another corpus is refused, and with --force replaces the first', async (t) => {
  const { out, request } = await prepare(t);
  await buildIndex(request());
  const corpusFolder = join(t.testdirName, 'other');
  await writeCorpus(corpusFolder, passages.slice(0, 100));
  await t.rejects(buildIndex(request({ corpusFolder })), {
    code: 'SSP_INDEX_DIFFERS',
    message: /corpusHash.*passages was 1700, now 100/,
  });
  const { manifest } = await buildIndex(request({ corpusFolder, force: true }));
  t.equal(manifest.passages, 100);
  await (await openIndex(out, { encoder: standInEncoder() })).close();
});

test('a folder of something else is not touched', async (t) => {
  const { out, request } = await prepare(t);
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'thesis.tex'), 'years of work');
  for (const force of [false, true]) {
    await t.rejects(buildIndex(request({ force })), {
      code: 'SSP_OUTPUT_FOREIGN',
      details: { path: join(out, 'thesis.tex') },
    });
  }
  t.equal(await readFile(join(out, 'thesis.tex'), 'utf8'), 'years of work');
});

test('a folder with a journal of something else is not touched either', async (t) => {
  const { out, request } = await prepare(t);
  await mkdir(join(out, 'tmp'), { recursive: true });
  await writeFile(join(out, 'tmp', 'thesis.tex'), 'years of work');
  await writeFile(join(out, 'journal.json'), '{"monday": "rain"}');
  await t.rejects(buildIndex(request()), { code: 'SSP_INDEX_DIFFERS' });
  t.equal(await readFile(join(out, 'tmp', 'thesis.tex'), 'utf8'), 'years of work');
});

test('--force touches nothing where somebody has put a file into the index', async (t) => {
  const { out, request } = await prepare(t);
  const first = await buildIndex(request());
  const notes = join(await currentData(out), 'lance', 'notes.txt');
  await writeFile(notes, 'on what was found');
  await t.rejects(buildIndex(request({ force: true })), {
    code: 'SSP_OUTPUT_FOREIGN',
    details: { path: notes },
  });
  t.equal(await readFile(notes, 'utf8'), 'on what was found');
  t.equal((await readdir(join(out, 'generations'))).length, 1);
  t.same((await buildIndex(request())).manifest, first.manifest, 'and the index is whole');
});

test('a folder at which another process builds is refused, with that process', async (t) => {
  const { out, request } = await prepare(t);
  const started = '';
  const holder = { pid: process.ppid, host: hostname(), started, token: 'a' };
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'build.lock'), JSON.stringify(holder));
  await t.rejects(buildIndex(request()), {
    code: 'SSP_INDEX_BUSY',
    details: { pid: process.ppid, host: hostname(), lock: join(out, 'build.lock') },
  });
});

test('a damaged journal or table is told, and --force mends it', async (t) => {
  const { out, request } = await prepare(t);
  const first = await buildIndex(request());
  await writeFile(join(await currentData(out), 'journal.json'), '{"plan": 3');
  await t.rejects(buildIndex(request()), { code: 'SSP_INDEX_DIFFERS', message: /journal/ });
  t.equal((await buildIndex(request({ force: true }))).manifestHash, first.manifestHash);
  await rm(join(await currentData(out), 'lance', 'vectors.lance'), { recursive: true });
  await t.rejects(openIndex(out), { code: 'SSP_INDEX_DAMAGED' });
  await t.rejects(buildIndex(request()), { code: 'SSP_INDEX_DAMAGED' });
  t.same((await buildIndex(request({ force: true }))).manifest, first.manifest);
});

test('an encoder that is not the recorded one is refused, a moved one taken', async (t) => {
  const { out, request } = await prepare(t);
  await buildIndex(request());
  await t.rejects(openIndex(out, { encoder: standInEncoder({ queryPrefix: 'query: ' }) }), {
    code: 'SSP_ENCODER_MISMATCH',
    message: /queryPrefix is "query: ", the index has ""/,
  });
  const moved = standInEncoder({ name: 'elsewhere' });
  const index = await openIndex(out, { encoder: () => Promise.resolve(moved) });
  t.ok(index.modes.includes('hybrid'));
  await index.close();
  t.ok(moved.closed, 'an encoder that the index opened is closed with it');
});

test('an empty corpus gives an empty index', async (t) => {
  const { out, request } = await prepare(t);
  const corpusFolder = join(t.testdirName, 'empty');
  await writeCorpus(corpusFolder, []);
  const { manifest } = await buildIndex(request({ corpusFolder }));
  t.equal(manifest.passages, 0);
  const index = await openIndex(out, { encoder: standInEncoder() });
  t.teardown(() => index.close());
  for (const mode of index.modes) {
    const [result] = await index.retriever(mode).search(['anything'], { topK: 5 });
    t.same(result?.hits, [], mode);
  }
});
