import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { test } from 'tap';

import { FaissIndex } from '../../../indexer/faiss/faiss-index.ts';
import { flatIndex } from '../../material/indexer/faiss/flat-index.ts';

// What FAISS itself has written: test/material/indexer/faiss/make.py.
const files = fileURLToPath(new URL('../../material/indexer/faiss', import.meta.url));
const file = (name: string): string => join(files, name);
const bytes = readFileSync(file('vectors.f32'));
const vectors_20_8 = new Float32Array(new Uint8Array(bytes).buffer);

test('flat indexes are read as FAISS has written them', async (t) => {
  const cases = [
    ['flat-ip', 'IndexFlatIP', 'inner product'],
    ['flat-l2', 'IndexFlatL2', 'L2'],
  ] as const;
  for (const [name, index, metric] of cases) {
    const source = await FaissIndex.open([file(`${name}.index`)]);
    t.match(source, { rows: 20, dimension: 8, metric });
    t.match(source.origin, { index, dtype: 'fp32' });
    t.same(await source.vectors(0, 20), vectors_20_8);
    t.same(await source.vectors(7, 2), vectors_20_8.subarray(56, 72));
    t.equal((await source.vectors(19, 5)).length, 8, 'no rows behind the last');
    await source.close();
  }
});

test('vectors in fp16 are read to the last of their bits', async (t) => {
  for (const [name, metric] of [
    ['fp16-ip', 'inner product'],
    ['fp16-l2', 'L2'],
  ] as const) {
    const source = await FaissIndex.open([file(`${name}.index`)]);
    t.match(source, { rows: 20, dimension: 8, metric });
    t.match(source.origin, { index: 'IndexScalarQuantizer', dtype: 'fp16' });
    t.same(await source.vectors(0, 20), new Float32Array(new Float16Array(vectors_20_8)));
    await source.close();
  }
});

test('parts are read as one file, wherever it was cut', async (t) => {
  const folder = t.testdir();
  const whole = readFileSync(file('flat-ip.index'));
  const joined = await FaissIndex.open([file('flat-ip.index')]);
  for (const cuts of [[1], [40], [45], [46, 100], [45 + 32 * 3], [45 + 32 * 3 + 5, 300, 301]]) {
    const ends = [...cuts, whole.length];
    const paths = ends.map((end, i) => {
      const path = join(folder, `part_a${'abcd'[i] ?? ''}`);
      writeFileSync(path, whole.subarray(ends[i - 1] ?? 0, end));
      return path;
    });
    const source = await FaissIndex.open(paths);
    t.same(await source.vectors(0, 20), vectors_20_8, `cut at ${cuts.join(', ')}`);
    t.same(source.origin, joined.origin);
    await source.close();
    if (paths.length > 2) {
      await t.rejects(FaissIndex.open(paths.slice(0, -1)), { code: 'SSP_VECTORS_DAMAGED' });
    }
  }
});

test('other kinds of indexes say what they are and what to do', async (t) => {
  const cases: [string, RegExp][] = [
    ['ivf.index', /an IndexIVFFlat; .*make_direct_map/],
    ['hnsw.index', /an IndexHNSWFlat; .*reconstruct_n/],
    ['id-map.index', /an IndexIDMap; /],
    ['int8.index', /an IndexScalarQuantizer of 8 bits/],
    ['flat-l1.index', /an IndexFlat of another metric/],
    ['vectors.f32', /no FAISS index/],
  ];
  for (const [name, message] of cases) {
    await t.rejects(FaissIndex.open([file(name)]), { code: 'SSP_VECTORS_FORMAT', message }, name);
  }
  await t.rejects(FaissIndex.open([file('nowhere')]), { code: 'SSP_FILE_NOT_FOUND' });
});

test('a file that is cut, has more than it says or contradicts itself is damaged', async (t) => {
  const folder = t.testdir();
  const path = join(folder, 'x.index');
  for (const name of ['flat-ip', 'fp16-ip']) {
    const whole = readFileSync(file(`${name}.index`));
    const altered = (at: number, value: number): Buffer => {
      const copy = Buffer.from(whole);
      copy[at] = value;
      return copy;
    };
    const cases: [string, Buffer, string?][] = [
      ['empty', whole.subarray(0, 0), 'SSP_VECTORS_FORMAT'],
      ['cut in the header', whole.subarray(0, 30)],
      ['cut before the vectors', whole.subarray(0, 44)],
      ['cut by a byte', whole.subarray(0, -1)],
      ['doubled', Buffer.concat([whole, whole])],
      ['another dimension', altered(4, 9)],
      ['no dimension', altered(4, 0)],
      ['other rows', altered(8, 21)],
      ['negative rows', altered(15, 0xff)],
      ['another count', altered(name === 'flat-ip' ? 37 : 73, 0xff)],
    ];
    for (const [what, content, code = 'SSP_VECTORS_DAMAGED'] of cases) {
      writeFileSync(path, content);
      await t.rejects(FaissIndex.open([path]), { code }, `${name}: ${what}`);
    }
  }
});

test('the fingerprint tells files apart by any row that it looks at', async (t) => {
  const folder = t.testdir();
  const rows = Array.from({ length: 5 }, (_value, i) => Float32Array.of(i, 1));
  const fingerprint = async (vectors: readonly Float32Array[]): Promise<string> => {
    writeFileSync(join(folder, 'x'), flatIndex(vectors));
    const source = await FaissIndex.open([join(folder, 'x')]);
    await source.close();
    return source.origin.fingerprint;
  };
  const first = await fingerprint(rows);
  t.equal(await fingerprint(rows), first);
  t.not(await fingerprint([...rows].reverse()), first);
});
