import { appendFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from 'tap';

import { VectorStaging } from '../../../indexer/vector-staging.ts';
import type { Embeddings } from '../../../src/types/encoder.ts';

const dimension = 3;
const chunkRows = 2;

function chunk(first: number): Embeddings {
  const values = Array.from({ length: chunkRows * dimension }, (_value, i) => first + i / 8);
  return { vectors_N_D: Float32Array.from(values), dimension, truncated_N: [true, false] };
}

test('what was appended is read back, after a kill too', async (t) => {
  const folder = t.testdir({});
  const first = await VectorStaging.open(folder, 10, dimension, chunkRows);
  await first.append(chunk(1));
  await first.append(chunk(5));
  await first.close();
  const again = await VectorStaging.open(folder, 10, dimension, chunkRows);
  t.equal(again.rows, 4);
  await again.append(chunk(9));
  const { vectors_N_D, truncated_N } = await again.read();
  t.same(
    [...vectors_N_D],
    [1, 5, 9].flatMap((start) => [...chunk(start).vectors_N_D]),
  );
  t.same(truncated_N, [true, false, true, false, true, false]);
  await again.discard();
  t.same(await readdir(folder), []);
});

test('a part of a chunk is cut off, another segment is removed', async (t) => {
  const folder = t.testdir({});
  const first = await VectorStaging.open(folder, 0, dimension, chunkRows);
  await first.append(chunk(1));
  await first.close();
  const path = join(folder, 'vectors-0.partial');
  const { size } = await stat(path);
  await appendFile(path, Buffer.alloc(size - 1));
  const again = await VectorStaging.open(folder, 0, dimension, chunkRows);
  t.equal(again.rows, 2);
  t.equal((await stat(path)).size, size);
  await again.close();
  const next = await VectorStaging.open(folder, 2, dimension, chunkRows);
  t.equal(next.rows, 0);
  t.same(await readdir(folder), ['vectors-2.partial']);
  await next.close();
});
