import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import t, { test } from 'tap';

import { encoderConfig } from '../../../../src/config/index-build.ts';
import { silentProgress } from '../../../../src/progress/progress.ts';
import { openEncoder } from '../../../../src/retrieval/encoder.ts';
import { ssp } from '../../../material/cli/ssp.ts';
import { encodersOver, skip } from './tiny-encoders.ts';

t.setTimeout(300_000); // PyTorch is loaded for each export

const texts = [
  'Marie Curie discovered radium in 1898.',
  'Die Brücke über den Fluß wurde 1902 gebaut.',
  'Столица Болгарии — София; 首都はソフィア。',
  'a',
  'A longer text makes the batch uneven, so that padding would show if it changed a vector. '.repeat(
    4,
  ),
];

const makeEncoders = encodersOver(texts);

test('exported encoders give the vectors of PyTorch', { skip }, async (t) => {
  const folder = makeEncoders(t);
  for (const name of ['bert', 'xlm-roberta']) {
    const out = join(folder, `${name}-onnx`);
    const { exitCode, stderr } = await ssp(['encoder', 'export', join(folder, name), '--out', out]);
    t.equal(exitCode, 0, stderr);
    const golden = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as number[][];
    t.ok((await largestDifference(out, 'fp32', golden)) < 1e-5, `${name} in fp32`);
    t.ok((await largestDifference(out, 'q8', golden)) < 0.05, `${name} in q8`);
    const again = await ssp(['encoder', 'export', join(folder, name), '--out', out]);
    t.match(again.stderr, /SSP_OUTPUT_EXISTS/);
  }
  const unusable = join(folder, 'bert');
  rmSync(join(unusable, 'tokenizer_config.json'));
  const out = join(folder, 'unusable');
  const { exitCode, stderr } = await ssp(['encoder', 'export', unusable, '--out', out]);
  t.equal(exitCode, 2);
  t.match(stderr, /SSP_ENCODER_EXPORT_FAILED.*cannot be used by ssp.*tokenizer_config\.json/);
  t.same(
    readdirSync(folder).filter((name) => name.includes('unusable')),
    [],
    'nothing is left',
  );
});

test(
  '--force replaces an export, and none to which somebody has added a file',
  { skip },
  async (t) => {
    const folder = makeEncoders(t);
    const out = join(folder, 'out');
    const force = ['encoder', 'export', join(folder, 'bert'), '--out', out, '--force'];
    for (const time of ['first', 'second']) {
      const { exitCode, stderr } = await ssp(force);
      t.equal(exitCode, 0, `${time}: ${stderr}`);
    }
    const made = readdirSync(out, { recursive: true }).sort();
    const before = readdirSync(folder).sort();
    writeFileSync(join(out, 'onnx', 'notes.txt'), 'on this model');
    const refused = await ssp(force);
    t.match(refused.stderr, `error SSP_OUTPUT_FOREIGN: ${join(out, 'onnx', 'notes.txt')}`);
    t.same(readdirSync(out, { recursive: true }).sort(), [...made, 'onnx/notes.txt'].sort());
    t.same(readdirSync(folder).sort(), before, 'nothing is left beside it');
  },
);

test('a folder that is no such encoder is refused', { skip }, async (t) => {
  const folder = t.testdir({
    'config.json': JSON.stringify({ model_type: 'gpt2', hidden_size: 8 }),
  });
  writeFileSync(join(folder, 'tokenizer.json'), '{}');
  const out = join(folder, 'out');
  const refused = await ssp(['encoder', 'export', folder, '--out', out]);
  t.equal(refused.exitCode, 2);
  t.match(refused.stderr, /error SSP_ENCODER_/);
  const nowhere = await ssp(['encoder', 'export', join(folder, 'no'), '--out', out]);
  t.equal(nowhere.exitCode, 2);
});

async function largestDifference(
  model: string,
  dtype: 'fp32' | 'q8',
  golden: readonly (readonly number[])[],
): Promise<number> {
  const config = encoderConfig.parse({ model, dtype });
  const encoder = await openEncoder(config, { progress: silentProgress });
  const { vectors_N_D, dimension } = await encoder.encodeQueries(texts);
  await encoder.close();
  const expected = golden.flat();
  if (expected.length !== texts.length * dimension) return Infinity;
  return Math.max(...expected.map((value, i) => Math.abs(value - (vectors_N_D[i] ?? Infinity))));
}
