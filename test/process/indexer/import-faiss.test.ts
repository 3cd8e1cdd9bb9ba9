import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { Test } from 'tap';
import { test } from 'tap';

import type { BuildRequest } from '../../../indexer/build-index.ts';
import { buildIndex } from '../../../indexer/build-index.ts';
import { FaissIndex } from '../../../indexer/faiss/faiss-index.ts';
import { indexConfig } from '../../../src/config/index-build.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { openIndex } from '../../../src/retrieval/open-index.ts';
import type { Passage } from '../../../src/types/passage.ts';
import { flatIndex } from '../../material/indexer/faiss/flat-index.ts';
import { smallPassages, writeCorpus } from '../../material/retrieval/small-corpus.ts';
import { standInEncoder, vectorOf } from '../../material/retrieval/stand-in-encoder.ts';
import { testFolder } from '../../material/test-folder.ts';

// Every fifth of the small passages repeats the one before it; here each has a vector of its own.
const passages: readonly Passage[] = smallPassages(1700).map((passage, row) => ({
  ...passage,
  text: `${passage.text} row${row}`,
}));
const ownVector = ({ title, text }: Passage): Float32Array => vectorOf(`${title} ${text}`, 32);

const source = { model: 'stand-in', dtype: 'fp32' } as const;

interface Prepared {
  readonly out: string;
  /** Opens a FAISS file of these vectors; the test closes it. */
  readonly faiss: (vectors: readonly Float32Array[], kind?: 'IxFI' | 'IxF2') => Promise<FaissIndex>;
  readonly request: (changes?: Partial<BuildRequest>) => BuildRequest;
}

async function prepare(t: Test, list = passages): Promise<Prepared> {
  const folder = testFolder(t);
  const corpusFolder = join(folder, 'corpus');
  const out = join(folder, 'index');
  await writeCorpus(corpusFolder, list, [], 50_000);
  return {
    out,
    faiss: async (vectors, kind) => {
      const path = join(folder, 'flat.index');
      writeFileSync(path, flatIndex(vectors, kind));
      const source = await FaissIndex.open([path]);
      t.teardown(() => source.close());
      return source;
    },
    request: (changes = {}) => ({
      corpusFolder,
      out,
      config: indexConfig.parse({}),
      encoder: { encoder: standInEncoder(), source: { model: 'stand-in', dtype: 'fp32' } },
      force: false,
      progress: silentProgress,
      signal: new AbortController().signal,
      ...changes,
    }),
  };
}

test('an index of given vectors is the one of encoded ones, but for where they come from', async (t) => {
  const { out, faiss, request } = await prepare(t);
  const encoded = await buildIndex(request());
  await rm(out, { recursive: true });
  const vectors = await faiss(passages.map(ownVector));
  const seen: number[] = [];
  const encoder = standInEncoder({}, (texts) => void seen.push(texts.length));
  const given = await buildIndex(request({ vectors, encoder: { encoder, source } }));
  t.same(seen, [64], 'only the sample is encoded');
  const { importedFrom, ...dense } = given.manifest.dense ?? {};
  t.same({ ...given.manifest, dense }, encoded.manifest);
  t.same(importedFrom, vectors.origin);
  t.not(given.manifestHash, encoded.manifestHash);
  const index = await openIndex(out, { encoder: standInEncoder() });
  t.teardown(() => index.close());
  const [found] = await index.retriever('dense').search([passages[1234]?.text ?? ''], { topK: 1 });
  t.equal(found?.hits[0]?.id, passages[1234]?.id);
});

test('vectors are added to an index of words, and a finished one is left as it is', async (t) => {
  const { faiss, request } = await prepare(t);
  const vectors = await faiss(passages.map(ownVector));
  const words = indexConfig.parse({ modes: ['bm25'] });
  await buildIndex(request({ config: words, encoder: undefined }));
  const both = await buildIndex(request({ vectors }));
  t.ok(both.manifest.bm25);
  t.ok(both.manifest.dense);
  t.same(await buildIndex(request({ vectors })), both);
  await t.rejects(buildIndex(request()), {
    code: 'SSP_INDEX_DIFFERS',
    message: /dense\.importedFrom\.fingerprint was .*, now absent/,
  });
});

test('vectors that are not those of the corpus by the encoder are refused before anything is built', async (t) => {
  const { faiss, request } = await prepare(t);
  const right = passages.map(ownVector);
  const [, ...later] = right;
  const shifted = [...right.slice(0, 900), ...right.slice(901), vectorOf('one more', 32)];
  const quoted = passages.map((passage) => {
    return vectorOf(`passage "${passage.title}" ${passage.text}`, 32);
  });
  const cases: [string, readonly Float32Array[], RegExp, RegExp][] = [
    ['a row less', later, /has 1699 rows, the corpus 1700/, /Row i must be passage i/],
    [
      'another dimension',
      passages.map(({ text }) => vectorOf(text, 8)),
      /8 dimensions/,
      /encoder-model/,
    ],
    ['another encoder', quoted, /the vector of row \d is not that of passage/, /Give the encoder/],
    ['shifted rows', shifted, /the vector of row 9\d\d is not/, /It is in row 9\d\d/],
  ];
  for (const [what, vectors, message, remedy] of cases) {
    const error = await buildIndex(request({ vectors: await faiss(vectors) })).catch(
      (e: unknown) => e,
    );
    t.match(error, { code: 'SSP_VECTORS_MISMATCH', message, remedy }, what);
  }
});

test('titles in quotes are told, and taken where the encoder is to put them there', async (t) => {
  const { faiss, request } = await prepare(t);
  // The stand-in drops punctuation; this one does not.
  const base = standInEncoder();
  const encoder = {
    ...base,
    encodePassages: (list: readonly Pick<Passage, 'title' | 'text'>[]) =>
      base.encodeQueries(
        list.map(({ title, text }) => `${title.replaceAll('"', ' quote ')} ${text}`),
      ),
  };
  const vectors = await faiss(
    passages.map(({ title, text }) => vectorOf(` quote ${title} quote  ${text}`, 32)),
  );
  await t.rejects(buildIndex(request({ vectors, encoder: { encoder, source } })), {
    code: 'SSP_VECTORS_MISMATCH',
    remedy: /--encoder-quoted-titles/,
  });
});

test('a vector that is no unit vector, or no number, is refused with its row', async (t) => {
  const { faiss, request } = await prepare(t);
  for (const wrong of [0, 2, NaN]) {
    const vectors = passages.map(ownVector);
    vectors[777] = (vectors[777] ?? new Float32Array(32)).map((value) => value * wrong);
    await t.rejects(buildIndex(request({ vectors: await faiss(vectors), force: true })), {
      code: 'SSP_VECTORS_MISMATCH',
      message: /row 777/,
    });
  }
});

test('L2 ranks as the inner product for unit vectors, and is refused for others', async (t) => {
  const { faiss, request } = await prepare(t);
  const vectors = await faiss(passages.map(ownVector), 'IxF2');
  const encoder = standInEncoder({ normalize: false });
  await t.rejects(buildIndex(request({ vectors, encoder: { encoder, source } })), {
    code: 'SSP_VECTORS_MISMATCH',
    message: /compares by L2/,
  });
  const { manifest } = await buildIndex(request({ vectors }));
  t.equal(manifest.dense?.importedFrom?.index, 'IndexFlatL2');
});

test('an import that is stopped goes on after the rows that are in the table', async (t) => {
  const many = Array.from({ length: 70_000 }, (_value, row) => ({
    ...{ id: `p${row}`, title: 'T', text: `passage number${row}` },
  }));
  const { faiss, request } = await prepare(t, many);
  const own = many.map(ownVector);
  const vectors = await faiss(own);
  const config = indexConfig.parse({ modes: ['dense'], vectorIndex: 'exact' });
  const controller = new AbortController();
  const stopping = {
    note: () => undefined,
    stage: (name: string) => ({
      add: () => {
        if (name === 'vectors') controller.abort(new Error('SIGINT'));
      },
      end: () => undefined,
    }),
  };
  const stopped = request({ vectors, config, progress: stopping, signal: controller.signal });
  await t.rejects(buildIndex(stopped), { code: 'SSP_INTERRUPTED' });
  const notes: string[] = [];
  const progress = { ...silentProgress, note: (text: string) => void notes.push(text) };
  const { manifest } = await buildIndex(request({ vectors, config, progress }));
  t.match(notes.join(), /vectors: going on after 65536/);
  const hash = createHash('sha256');
  for (const vector of own) hash.update(new Uint16Array(new Float16Array(vector).buffer));
  t.equal(manifest.dense?.vectorsHash, hash.digest('hex'));
});
