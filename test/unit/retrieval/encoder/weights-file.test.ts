import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from 'tap';

import { readWeights } from '../../../../src/retrieval/model-files.ts';

test('the hash is SHA-256 over all files in order', async (t) => {
  const folder = t.testdir({ a: 'a', b: 'bc' });
  const { hash, mixesBatch } = await readWeights([join(folder, 'a'), join(folder, 'b')]);
  // printf abc | sha256sum
  t.equal(hash, 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  t.notOk(mixesBatch);
});

test('an operator that mixes the batch is found, also across the border of two reads', async (t) => {
  const path = join(t.testdir({}), 'model.onnx');
  for (const offset of [0, (1 << 20) - 9, (1 << 20) - 1, 1 << 20, (2 << 20) - 20]) {
    const bytes = Buffer.alloc(3 << 20);
    bytes.write('DynamicQuantizeLinear', offset);
    writeFileSync(path, bytes);
    t.ok((await readWeights([path])).mixesBatch, `at byte ${offset}`);
  }
});
