import { join } from 'node:path';

import { test } from 'tap';

import { encoderConfig } from '../../../../src/config/index-build.ts';
import { silentProgress } from '../../../../src/progress/progress.ts';
import { openEncoder } from '../../../../src/retrieval/encoder.ts';
import { describeFolder, folderName } from '../../../../src/retrieval/model-folder.ts';
import { startOnnxEncoder } from '../../../../src/retrieval/onnx-encoder.ts';

const path = process.env['SSP_E5_MODEL'];
const skip =
  path === undefined && 'SSP_E5_MODEL names no folder of a real e5 model with onnx files';

const query = 'Which planet is known as the Red Planet?';
const documents = [
  "Venus is often called Earth's twin because of its similar size and proximity.",
  'Mars, known for its reddish appearance, is often referred to as the Red Planet.',
  'Jupiter, the largest planet in our solar system, has a prominent red spot.',
  'Saturn, famous for its rings, is sometimes mistaken for the Red Planet.',
];

/** Cosines of sentence-transformers' own pretrained-model test. */
const known: Readonly<Record<string, readonly number[]>> = {
  'e5-base-v2': [0.79724, 0.90021, 0.8485, 0.86522],
  'e5-small-v2': [0.81278, 0.91429, 0.86806, 0.87815],
  'multilingual-e5-small': [0.81146, 0.90638, 0.87144, 0.85721],
};
const tolerance = 0.01;

async function cosines(folder: string, prefixes: boolean): Promise<number[]> {
  const config = encoderConfig.parse({ model: folder });
  const own = await openEncoder(config, { progress: silentProgress });
  const { description } = own;
  const encoder = prefixes
    ? own
    : await startOnnxEncoder(
        { ...description, queryPrefix: '', passagePrefix: '' },
        {
          path: folder,
          dtype: 'fp32',
          dimension: description.dimension,
          pooling: description.pooling,
          normalize: true,
          threads: 2,
          batchTokens: 4096,
          maxBatchTexts: 1,
        },
      );
  const a = await encoder.encodeQueries([query]);
  const b = await encoder.encodePassages(documents.map((text) => ({ title: '', text })));
  await encoder.close();
  if (encoder !== own) await own.close();
  return documents.map((_, i) =>
    a.vectors_N_D.reduce(
      (sum, value, d) => sum + value * (b.vectors_N_D[i * a.dimension + d] ?? 0),
      0,
    ),
  );
}

test('a real e5 model gives the known cosines', { skip }, async (t) => {
  const folder = path ?? '';
  const { name } = await describeFolder(folder, folderName(folder));
  const [, expected] = Object.entries(known).find(([model]) => name.endsWith(model)) ?? [];
  if (expected === undefined) {
    t.fail(
      `no known answers for ${join(folder)}; there are some for ${Object.keys(known).join(', ')}`,
    );
    return;
  }
  const found = [await cosines(folder, true), await cosines(folder, false)];
  const worst = found.map((values) =>
    Math.max(...values.map((value, i) => Math.abs(value - (expected[i] ?? NaN)))),
  );
  t.comment(`largest difference with prefixes ${worst[0] ?? NaN}, without ${worst[1] ?? NaN}`);
  // Whether the published figures were made with prefixes hangs on the model's stored prompts.
  t.ok(Math.min(...worst) <= tolerance);
});
