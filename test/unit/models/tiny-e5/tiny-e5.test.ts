import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { AutoTokenizer } from '@huggingface/transformers';
import { test } from 'tap';
import { z } from 'zod';

import { loadConfig } from '../../../../src/config/load.ts';
import { silentProgress } from '../../../../src/progress/progress.ts';
import { openEncoder } from '../../../../src/retrieval/encoder.ts';
import { hashFile } from '../../../../src/storage/hash.ts';

const folder = fileURLToPath(new URL('../../../../src/models/tiny-e5', import.meta.url));

/** Texts with the ids and the vector of PyTorch's forward pass, written by train.py. */
const goldenSchema = z.array(
  z.strictObject({
    kind: z.enum(['query', 'passage']),
    title: z.string(),
    text: z.string(),
    ids: z.array(z.int()),
    vector: z.array(z.number()),
  }),
);

async function readGolden(): Promise<z.output<typeof goldenSchema>> {
  const text = await readFile(new URL('golden.json', import.meta.url), 'utf8');
  return goldenSchema.parse(JSON.parse(text));
}

const limits = { query: 256, passage: 512 } as const;

test('tokens are those of the Python tokenizer, cut texts included', async (t) => {
  const tokenizer = await AutoTokenizer.from_pretrained(folder, { local_files_only: true });
  const golden = await readGolden();
  for (const row of golden) {
    const title = row.title === '' ? '' : `${row.title}\n`;
    const ids = tokenizer.encode(`${row.kind}: ${title}${row.text}`);
    const cut = ids.length > limits[row.kind] ? [...ids.slice(0, limits[row.kind] - 1), 3] : ids;
    t.strictSame(cut, row.ids, row.text.slice(0, 40));
  }
  t.ok(golden.some(({ ids }) => ids.length === limits.query));
  t.ok(golden.some(({ ids }) => ids.length === limits.passage));
});

for (const [dtype, tolerance] of [
  ['fp32', 1e-4],
  ['q8', 2e-2],
] as const) {
  test(`${dtype} vectors are PyTorch's to ${tolerance}`, async (t) => {
    const golden = await readGolden();
    const { encoder: config } = await loadConfig(undefined, { encoder: { dtype, threads: 1 } });
    const encoder = await openEncoder(config, { progress: silentProgress });
    const rowsOf = (kind: 'query' | 'passage'): typeof golden =>
      golden.filter((row) => row.kind === kind);
    const queries = await encoder.encodeQueries(rowsOf('query').map(({ text }) => text));
    const passages = await encoder.encodePassages(rowsOf('passage'));
    const expected = [...rowsOf('query'), ...rowsOf('passage')].flatMap(({ vector }) => vector);
    const given = [...queries.vectors_N_D, ...passages.vectors_N_D];
    t.equal(given.length, expected.length);
    const differences = expected.map((value, at) => Math.abs(value - (given[at] ?? NaN)));
    t.ok(Math.max(...differences) <= tolerance, `${Math.max(...differences)}`);
    t.strictSame(queries.truncated_N, [false, false, false, true]);
    t.strictSame(passages.truncated_N, [false, false, true]);
    await encoder.close();
  });
}

test('its description is that of an e5 model', async (t) => {
  const { encoder: config } = await loadConfig(undefined, { encoder: { threads: 1 } });
  const encoder = await openEncoder(config, { progress: silentProgress });
  t.match(encoder.description, {
    name: 'tiny-e5',
    pooling: 'mean',
    normalize: true,
    dimension: 128,
    queryPrefix: 'query: ',
    passagePrefix: 'passage: ',
    queryMaxTokens: 256,
    passageMaxTokens: 512,
  });
  await encoder.close();
});

test('the folder is at most 3 MB, and its README names the weights that are in it', async (t) => {
  const files = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size));
  t.ok(sizes.reduce((sum, size) => sum + size, 0) <= 3_000_000);
  const readme = await readFile(join(folder, 'README.md'), 'utf8');
  for (const file of ['onnx/model.onnx', 'onnx/model_quantized.onnx']) {
    t.ok(readme.includes(await hashFile(join(folder, file))), file);
  }
});
