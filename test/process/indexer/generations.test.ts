import { existsSync } from 'node:fs';
import { readdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

import type { Test } from 'tap';
import { test } from 'tap';

import type { BuildRequest } from '../../../indexer/build-index.ts';
import { buildIndex } from '../../../indexer/build-index.ts';
import { verifyIndex } from '../../../indexer/verify-index.ts';
import type { IndexConfig } from '../../../src/config/index-build.ts';
import { indexConfig } from '../../../src/config/index-build.ts';
import type { Progress } from '../../../src/progress/progress.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { dataFiles, fileProblems } from '../../../src/retrieval/index-files.ts';
import { dataFolder, readHead } from '../../../src/retrieval/index-head.ts';
import { openIndex } from '../../../src/retrieval/open-index.ts';
import { flipBit } from '../../material/retrieval/damage.ts';
import {
  currentData,
  intoEarlierLayout,
  intoEarlierWords,
} from '../../material/retrieval/index-data.ts';
import { smallPassages, writeCorpus } from '../../material/retrieval/small-corpus.ts';
import { standInEncoder } from '../../material/retrieval/stand-in-encoder.ts';
import { testFolder } from '../../material/test-folder.ts';

const passages = smallPassages(1100);
const aliases = [{ alias: 'Old name', title: passages[0]?.title ?? '' }];
const signal = new AbortController().signal;

interface Built {
  readonly folder: string;
  /** Everything that builds and verifications have noted. */
  readonly notes: string[];
  /** Texts of the batches that were encoded. */
  readonly encoded: number[];
  readonly build: (
    settings: Partial<IndexConfig>,
    changes?: Partial<BuildRequest>,
  ) => Promise<string>;
  readonly verify: () => Promise<boolean>;
  /** Ids found for a query by every mode, with their scores. */
  readonly answers: () => Promise<unknown>;
  readonly generations: () => Promise<string[]>;
}

/** A finished index of both modes, and what can be done with it. */
async function built(t: Test): Promise<Built> {
  const top = testFolder(t);
  const [corpusFolder, folder] = [join(top, 'corpus'), join(top, 'index')];
  await writeCorpus(corpusFolder, passages, aliases);
  const [notes, encoded]: [string[], number[]] = [[], []];
  const progress: Progress = { ...silentProgress, note: (text) => void notes.push(text) };
  const encoder = standInEncoder({}, (texts) => void encoded.push(texts.length));
  const use: Built = {
    folder,
    notes,
    encoded,
    async build(settings, changes = {}) {
      const config = indexConfig.parse(settings);
      const isDense = config.modes.includes('dense');
      const source = { model: 'stand-in', dtype: 'fp32' } as const;
      const request = { corpusFolder, out: folder, config, force: false, progress, signal };
      const given = isDense ? { encoder: { encoder, source } } : {};
      return (await buildIndex({ ...request, ...given, ...changes })).manifestHash;
    },
    async verify() {
      const openEncoder = () => Promise.resolve(standInEncoder());
      return (await verifyIndex({ folder, openEncoder, progress, signal })).ok;
    },
    async answers() {
      const index = await openIndex(folder, { encoder: standInEncoder() });
      const found = await Promise.all(index.modes.map((mode) => answersOf(index, mode)));
      await index.close();
      return found;
    },
    generations: () => readdir(join(folder, 'generations')),
  };
  await use.build({});
  encoded.length = 0;
  return use;
}

type Index = Awaited<ReturnType<typeof openIndex>>;

async function answersOf(index: Index, mode: Index['modes'][number]): Promise<unknown> {
  const queries = ['river castle', 'comet planet'];
  const results = await index.retriever(mode).search(queries, { topK: 20 });
  return results.map(({ hits }) => hits.map(({ id, score }) => [id, score]));
}

test('an opened index stays what it is while another is built in its folder', async (t) => {
  const { folder, build, notes, verify, generations } = await built(t);
  const before = await readHead(folder);
  const index = await openIndex(folder, { encoder: standInEncoder() });
  const answers = await answersOf(index, 'hybrid');
  const hash = await build({ vectorIndex: 'ivf-rq', analyzer: 'simple' }, { force: true });
  const after = await readHead(folder);
  t.not(after.generation, before.generation);
  t.same(await answersOf(index, 'hybrid'), answers);
  t.same(
    await index.page('Old name'),
    await index.page(passages[0]?.title ?? '').then((page) => ({
      ...page,
      redirectedFrom: 'Old name',
    })),
  );
  t.same(await fileProblems(folder, before, { signal }), [], 'no byte of it has changed');
  t.match(notes.join('\n'), `process ${process.pid} on ${hostname()} reads it (readers/`);
  t.equal((await generations()).length, 2);
  const second = await openIndex(folder, { encoder: standInEncoder() });
  t.equal(second.manifestHash, hash);
  await index.close();
  t.equal((await generations()).length, 2);
  t.ok(await verify());
  t.same(await generations(), [after.generation], 'verify removes what nobody reads');
  t.ok((await answersOf(second, 'bm25')) !== undefined);
  await second.close();
  t.same(await readdir(join(folder, 'readers')), []);
});

test('what does not change is taken over without encoding or copying it', async (t) => {
  const { folder, build, encoded } = await built(t);
  const vectors = join(await currentData(folder), 'lance', 'vectors.lance', 'data');
  const [file = ''] = await readdir(vectors);
  const { ino } = await stat(join(vectors, file));
  await build({ vectorIndex: 'hnsw-sq' }, { force: true });
  t.same(encoded, [32], 'the queries by which its search is chosen');
  const now = join(await currentData(folder), 'lance', 'vectors.lance', 'data', file);
  t.equal((await stat(now)).ino, ino, 'one file with two names');
  t.notOk(existsSync(vectors), 'the generation before is gone');
  await build({ vectorIndex: 'exact' }, { force: true });
  const files = await dataFiles(folder, (await readHead(folder)).generation);
  t.notOk(
    files.some((name) => name.includes('vectors.lance/_indices')),
    'nothing is left of hnsw',
  );
  t.same(encoded, [32]);
});

test('a build that breaks off leaves the index as it was; the same one goes on', async (t) => {
  const { folder, build, answers, generations } = await built(t);
  const before = await answers();
  const seen: number[] = [];
  const other = standInEncoder({ weightsHash: 'b'.repeat(64) }, (texts) => {
    seen.push(texts.length);
    if (seen.length === 3) throw new Error('crash');
  });
  const source = { model: 'other', dtype: 'fp32' } as const;
  const forced = { force: true, encoder: { encoder: other, source } };
  await t.rejects(build({}, forced), { message: 'crash' });
  t.same(await answers(), before);
  t.equal((await generations()).length, 2);
  await build({}); // what is finished is what is wanted
  t.same(await answers(), before);
  await t.rejects(build({ analyzer: 'simple' }), { code: 'SSP_INDEX_DIFFERS' });
  t.equal(seen.length, 3);
  await build({}, forced);
  t.equal(seen.length, 4, 'two chunks of three were kept');
  t.equal((await readHead(folder)).manifest.dense?.encoder.weightsHash, 'b'.repeat(64));
  t.equal((await generations()).length, 1);
});

test('--force of the same settings makes everything anew, and goes on with that', async (t) => {
  const { folder, build, encoded } = await built(t);
  const { generation } = await readHead(folder);
  let calls = 0;
  const crashing = standInEncoder({}, () => {
    calls += 1;
    if (calls === 2) throw new Error('crash');
  });
  const encoder = { encoder: crashing, source: { model: 'stand-in', dtype: 'fp32' } as const };
  await t.rejects(build({}, { force: true, encoder }), { message: 'crash' });
  await build({}, { force: true });
  t.same(encoded, [512, 76], 'the first chunk was kept');
  t.not((await readHead(folder)).generation, generation);
});

test('a build that was begun with other settings is not lost unless --force says so', async (t) => {
  const { folder, build, generations, notes } = await built(t);
  const crashing = (weights: string) => ({
    force: true,
    encoder: {
      encoder: standInEncoder({ weightsHash: weights }, () => {
        throw new Error('crash');
      }),
      source: { model: 'stand-in', dtype: 'fp32' } as const,
    },
  });
  await t.rejects(build({}, crashing('b'.repeat(64))), { message: 'crash' });
  const begun = (await generations()).find((name) => !notes.includes(name));
  t.ok(begun);
  await build({});
  t.match(notes.at(-1), 'a build with other settings stays unfinished in ');
  t.equal((await generations()).length, 2);
  await build({ analyzer: 'simple' }, { force: true });
  t.same(await generations(), [(await readHead(folder)).generation]);
});

test('an index of an earlier version is refused; --force puts a new one in its place', async (t) => {
  const { folder, build, verify, encoded } = await built(t);
  const hash = await build({});
  await intoEarlierLayout(folder);
  const before = encoded.length;
  const refusal = {
    code: 'SSP_INDEX_OUTDATED',
    remedy: new RegExp(`ssp index build --corpus .* --out ${folder} --force`),
  };
  await t.rejects(openIndex(folder), refusal);
  await t.rejects(build({}), refusal);
  t.equal(await build({}, { force: true }), hash);
  t.equal(encoded.length, before, 'its vectors are taken');
  t.ok(await verify());
  t.same((await readdir(folder)).sort(), ['generations', 'manifest.json', 'readers']);
});

test('words of an earlier analyzer are refused; --force makes them anew and keeps the vectors', async (t) => {
  const { folder, build, verify, encoded } = await built(t);
  const hash = await build({});
  await intoEarlierWords(folder);
  const refusal = { code: 'SSP_INDEX_OUTDATED' };
  await t.rejects(openIndex(folder), refusal);
  await t.rejects(build({}), refusal);
  encoded.length = 0;
  t.equal(await build({}, { force: true }), hash);
  t.same(encoded, [], 'nothing is encoded again');
  t.ok(await verify());
});

test('nothing damaged is taken over', async (t) => {
  const { folder, build, verify, encoded, notes } = await built(t);
  await build({ modes: ['bm25'] }, { force: true });
  const data = await currentData(folder);
  const aliasData = join(data, 'passages');
  const [file = ''] = await readdir(aliasData);
  await flipBit(join(aliasData, file), 100);
  await t.rejects(build({}), {
    code: 'SSP_INDEX_DAMAGED',
    message: new RegExp(`${file}: its SHA-256 is`),
  });
  await build({ analyzer: 'simple' }, { force: true });
  t.match(notes.join('\n'), /nothing is taken over from the index before, as it is damaged: /);
  t.ok(encoded.length > 0);
  t.ok(await verify());
});

test('a lost or damaged manifest.json is told; a build makes the index whole', async (t) => {
  const { folder, build, answers, encoded } = await built(t);
  const [hash, before] = [await build({}), await answers()];
  await rm(join(folder, 'manifest.json'));
  await t.rejects(openIndex(folder), { code: 'SSP_INDEX_UNFINISHED' });
  t.equal(await build({}), hash);
  t.same(encoded, [], 'its generation is gone on with');
  t.same(await answers(), before);
  await flipBit(join(folder, 'manifest.json'), 300);
  const damaged = { code: 'SSP_INDEX_DAMAGED', message: /manifest\.json: / };
  await t.rejects(openIndex(folder), damaged);
  await t.rejects(build({}), damaged);
  t.equal(await build({}, { force: true }), hash);
  t.same(await answers(), before);
});

test('a manifest that is lost under an open index costs that index nothing', async (t) => {
  const { folder, build, generations } = await built(t);
  const index = await openIndex(folder);
  const answers = await answersOf(index, 'bm25');
  await rm(join(folder, 'manifest.json'));
  await build({ analyzer: 'simple' });
  t.equal((await generations()).length, 2);
  t.same(await answersOf(index, 'bm25'), answers);
  await index.close();
});

test('leases of the dead count for nothing, and none is needed', async (t) => {
  const { folder, build, generations } = await built(t);
  const { generation } = await readHead(folder);
  const lease = { pid: process.ppid, host: hostname(), started: '1', token: 'a', generation };
  const write = async (change: object, name = '0'): Promise<string> => {
    const path = join(folder, 'readers', `${name.repeat(36)}.json`);
    await writeFile(path, JSON.stringify({ ...lease, ...change }));
    return path;
  };
  await (await openIndex(folder)).close();
  await write({}); // a process that has this id, and began at another time
  const silent = await write({ host: 'elsewhere' }, '1');
  await utimes(silent, new Date(0), new Date(0));
  await build({ analyzer: 'simple' }, { force: true });
  t.equal((await generations()).length, 1);
  t.same(await readdir(join(folder, 'readers')), []);

  const elsewhere = await write({
    host: 'elsewhere',
    generation: (await readHead(folder)).generation,
  });
  await build({}, { force: true });
  t.equal((await generations()).length, 2, 'a process of another machine may live');
  await rm(elsewhere);
  await rm(join(folder, 'readers'), { recursive: true });
  await writeFile(join(folder, 'readers'), ''); // as where a folder may not be written
  const notes: string[] = [];
  const index = await openIndex(folder, { onNote: (text) => void notes.push(text) });
  t.match(notes, [/cannot be held \(.*\): a build that replaces it will not wait/]);
  await index.close();
});

test('files taken away under an open index: words are searched on, vectors are missed', async (t) => {
  const { folder } = await built(t);
  const index = await openIndex(folder, { encoder: standInEncoder() });
  t.teardown(() => index.close());
  const [sample] = await index.sample(1);
  const id = sample?.id ?? '';
  const words = (): Promise<unknown> =>
    Promise.all([
      answersOf(index, 'bm25'),
      index.passage(id),
      index.page('Old name'),
      index.sample(3),
      index.retriever('bm25').explain('river', id),
    ]);
  const before = await words();
  await rm(dataFolder(folder, index.generation), { recursive: true });
  t.same(await words(), before, 'what is open needs no name');
  const damaged = {
    code: 'SSP_INDEX_DAMAGED',
    message: /generations\/.*: it is missing/,
    status: 503,
  };
  await t.rejects(answersOf(index, 'dense'), damaged);
  await t.rejects(answersOf(index, 'hybrid'), damaged);
  await t.rejects(index.files.checkSizes(), damaged);
});

test('files cut under an open index are told by every call that reads them', async (t) => {
  const { folder } = await built(t);
  const index = await openIndex(folder);
  t.teardown(() => index.close());
  const [sample] = await index.sample(1);
  const id = sample?.id ?? '';
  for (const name of ['passages-00000.bin', 'aliases-00000.bin']) {
    await truncate(join(await currentData(folder), 'passages', name), 70);
  }
  const damaged = { code: 'SSP_INDEX_DAMAGED', message: /it ends before byte \d+/, status: 503 };
  const asked = [
    () => answersOf(index, 'bm25'),
    () => index.passage(id),
    () => index.page('Old name'),
    () => index.sample(3),
  ];
  for (const call of asked) await t.rejects(call(), damaged);
});
