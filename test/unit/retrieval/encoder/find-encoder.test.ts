import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from 'tap';

import { tinyEncoderFolder } from '../../../../src/models/shipped.ts';
import { findEncoder } from '../../../../src/retrieval/find-encoder.ts';
import { readWeights } from '../../../../src/retrieval/model-files.ts';
import { testFolder } from '../../../material/test-folder.ts';

const weights = join('onnx', 'model.onnx');

test('an encoder whose folder has moved is found by its weights, near the index or in the cache', async (t) => {
  const folder = testFolder(t);
  const [gone, index, cache] = ['models/e5', 'served/index', 'cache'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  await mkdir(index, { recursive: true });
  const { hash } = await readWeights([join(tinyEncoderFolder, weights)]);
  t.intercept(process, 'env', { value: { ...process.env, SSP_CACHE_DIR: cache } });
  const source = { model: gone, dtype: 'fp32' } as const;
  const found = async (): Promise<string> => (await findEncoder(source, hash, index)).model;
  const copyTo = (place: string): Promise<void> =>
    cp(tinyEncoderFolder, place, { recursive: true });
  t.equal(await found(), gone, 'nowhere: as it was recorded');
  const kept = join(cache, 'models', 'any-name');
  await copyTo(kept);
  t.equal(await found(), kept, 'in the cache, under any name');
  const beside = join(folder, 'served', 'encoder');
  await copyTo(beside);
  t.equal(await found(), beside, 'beside the index');
  const file = join(beside, weights);
  await writeFile(file, Buffer.concat([await readFile(file), Buffer.from('x')]));
  t.equal(await found(), kept, 'other weights are passed over');
  await copyTo(gone);
  t.equal(await found(), gone, 'where it was');
});

test('a server and the encoder that ships are looked for nowhere', async (t) => {
  for (const source of [
    { model: 'tiny-e5', dtype: 'fp32' } as const,
    { model: 'e5', dtype: 'fp32', url: 'http://127.0.0.1:9' } as const,
  ]) {
    t.equal(await findEncoder(source, 'none', '.'), source);
  }
});
