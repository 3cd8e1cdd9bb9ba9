import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Test } from 'tap';
import t, { test } from 'tap';

import { encoderConfig } from '../../../../src/config/index-build.ts';
import { silentProgress } from '../../../../src/progress/progress.ts';
import { openEncoder } from '../../../../src/retrieval/encoder.ts';
import type { Encoder } from '../../../../src/types/encoder.ts';
import type { RunningService } from '../../../material/cli/running-service.ts';
import { startService } from '../../../material/cli/running-service.ts';
import { ssp } from '../../../material/cli/ssp.ts';
import { encodersOver, skip } from './tiny-encoders.ts';

t.setTimeout(600_000); // PyTorch is loaded several times, on whatever machine this is

const texts = [
  'Marie Curie discovered radium in 1898.',
  'Die Brücke über den Fluß wurde 1902 gebaut.',
  'Столица Болгарии — София; 首都はソフィア。',
  'a',
];
const passages = [
  ...texts.map((text, i) => ({ title: `Title ${i}`, text })),
  { title: 'Long', text: 'A text beyond the limit of 512 tokens is cut at both ends. '.repeat(80) },
  ...Array.from({ length: 150 }, (_, i) => ({ title: `${i}`, text: 'radium '.repeat(i % 9) })),
];

const makeEncoders = encodersOver(texts);

/** Gives a folder the sentence-transformers files of a model with cls pooling. */
function setClsPooling(folder: string): void {
  mkdirSync(join(folder, '1_Pooling'));
  const modules = ['Transformer', 'Pooling', 'Normalize'].map((type, idx) => ({
    ...{ idx, name: `${idx}`, type: `sentence_transformers.models.${type}` },
    path: ['', '1_Pooling', '2_Normalize'][idx],
  }));
  writeFileSync(join(folder, 'modules.json'), JSON.stringify(modules));
  const pooling = { word_embedding_dimension: 32, pooling_mode_cls_token: true };
  writeFileSync(join(folder, '1_Pooling', 'config.json'), JSON.stringify(pooling));
}

async function serveEncoder(t: Test, args: readonly string[], env = {}): Promise<RunningService> {
  const service = await startService(['encoder', 'serve', '--device', 'cpu', ...args], env);
  t.teardown(() => service.stop());
  return service;
}

function openedAt(url: string, model: string): Promise<Encoder> {
  return openEncoder(encoderConfig.parse({ url, model }), { progress: silentProgress });
}

/** The smallest cosine of two encoders' vectors of the same queries and passages. */
async function leastCosine(a: Encoder, b: Encoder): Promise<number> {
  const cosines = (left: Float32Array, right: Float32Array): number[] => {
    const sums = new Array<number>(left.length / a.description.dimension).fill(0);
    left.forEach((value, i) => {
      const row = Math.floor(i / a.description.dimension);
      sums[row] = (sums[row] ?? 0) + value * (right[i] ?? NaN);
    });
    return sums;
  };
  const [queriesA, queriesB] = [await a.encodeQueries(texts), await b.encodeQueries(texts)];
  const [passagesA, passagesB] = [
    await a.encodePassages(passages),
    await b.encodePassages(passages),
  ];
  return Math.min(
    ...cosines(queriesA.vectors_N_D, queriesB.vectors_N_D),
    ...cosines(passagesA.vectors_N_D, passagesB.vectors_N_D),
  );
}

test('the server gives an index the vectors of the ONNX path', { skip }, async (t) => {
  const folder = makeEncoders(t);
  setClsPooling(join(folder, 'xlm-roberta'));
  const cases = [
    ['bert', 'e5-bert', 'mean', ['fp32', 'bf16']],
    ['xlm-roberta', 'roberta', 'cls', ['fp32']],
  ] as const;
  for (const [source, name, pooling, dtypes] of cases) {
    const model = join(folder, source);
    const out = join(folder, `${source}-onnx`);
    const exported = await ssp(['encoder', 'export', model, '--out', out, '--name', name]);
    t.equal(exported.exitCode, 0, exported.stderr);
    const local = await openEncoder(encoderConfig.parse({ model: out }), {
      progress: silentProgress,
    });
    t.equal(local.description.pooling, pooling);
    for (const dtype of dtypes) {
      const args = ['--model', model, '--name', name, '--dtype', dtype, '--batch-tokens', '2048'];
      const service = await serveEncoder(t, args);
      t.match(service.stderr(), `The encoder ${name}: ${pooling} pooling, unit vectors`);
      const remote = await openedAt(service.url, name);
      t.equal(remote.description.passagePrefix, local.description.passagePrefix);
      const cosine = await leastCosine(local, remote);
      const least = dtype === 'fp32' ? 1 - 1e-5 : 1 - 1e-3;
      t.ok(cosine > least, `${name} in ${dtype}: ${cosine}`);
      t.equal(await service.stop(), 0, 'SIGTERM ends it with 0');
    }
    await local.close();
  }
});

test('an index is built with a server and its key', { skip }, async (t) => {
  const folder = makeEncoders(t);
  const env = { SSP_EMBEDDINGS_KEY: 'a-key-of-some-length' };
  const service = await serveEncoder(t, ['--model', join(folder, 'bert')], env);
  await t.rejects(openedAt(service.url, 'bert'), { code: 'SSP_EMBEDDINGS_REFUSED' });
  const lines = Array.from({ length: 1300 }, (_, i) =>
    JSON.stringify({ id: `${i}`, title: `Title ${i}`, text: `radium ${i} `.repeat((i % 9) + 1) }),
  );
  writeFileSync(join(folder, 'passages.jsonl'), `${lines.join('\n')}\n`);
  const corpus = join(folder, 'corpus');
  const imported = await ssp([
    ...['corpus', 'import', join(folder, 'passages.jsonl'), '--out', corpus],
  ]);
  t.equal(imported.exitCode, 0, imported.stderr);
  const index = join(folder, 'index');
  const encoder = ['--encoder-url', service.url, '--encoder-model', 'bert'];
  const build = ['index', 'build', '--corpus', corpus, '--out', index, '--modes', 'dense'];
  const built = await ssp([...build, ...encoder], env);
  t.equal(built.exitCode, 0, built.stderr);
  const manifest = JSON.parse(readFileSync(join(index, 'manifest.json'), 'utf8')) as object;
  t.match(JSON.stringify(manifest), '"dtype":"remote"');
  const verified = await ssp(['index', 'verify', '--index', index], env);
  t.equal(verified.exitCode, 0, `each passage has its own vector: ${verified.stderr}`);
});

test('of two servers one may die: its texts go to the other', { skip }, async (t) => {
  const model = ['--model', join(makeEncoders(t), 'bert')];
  const [dying, lasting] = await Promise.all([serveEncoder(t, model), serveEncoder(t, model)]);
  const notes: string[] = [];
  const progress = { ...silentProgress, note: (text: string) => void notes.push(text) };
  const config = encoderConfig.parse({ url: `${dying.url},${lasting.url}`, model: 'bert' });
  const both = await openEncoder(config, { progress });
  const alone = await openedAt(lasting.url, 'bert');
  t.ok((await leastCosine(alone, both)) > 1 - 1e-5, 'the order is kept');
  await dying.stop('SIGKILL');
  t.ok((await leastCosine(alone, both)) > 1 - 1e-5, 'no text is lost');
  t.equal(notes.length, 1, notes.join());
  t.match(notes[0], dying.url);
});

test('what cannot be served is the error of the command', { skip }, async (t) => {
  const folder = makeEncoders(t);
  const model = join(folder, 'bert');
  const broken = join(folder, 'broken');
  execFileSync('cp', ['-r', model, broken]);
  writeFileSync(join(broken, 'model.safetensors'), 'nothing');
  const cases: [string[], RegExp, NodeJS.ProcessEnv?][] = [
    [[], /error SSP_USAGE: give --model/],
    [['--model', join(folder, 'nowhere')], /error SSP_FILE_NOT_FOUND/],
    [['--model', broken], /error SSP_ENCODER_SERVER_MODEL: .*broken/],
    [['--model', model, '--host', '0.0.0.0'], /error SSP_ENCODER_SERVER_KEY_REQUIRED/],
    [['--model', model], /error SSP_POLICY_TOKEN_INVALID/, { SSP_EMBEDDINGS_KEY: 'short' }],
  ];
  for (const [args, message, env] of cases) {
    const result = await ssp(['encoder', 'serve', '--port', '0', ...args], env);
    t.equal(result.exitCode, 2, args.join(' '));
    t.match(result.stderr, message);
  }
});

test('a name that brings other prefixes than the folder states is told', { skip }, async (t) => {
  const folder = makeEncoders(t);
  const model = join(folder, 'bert');
  const stated = { name: 'bert', queryPrefix: 'ask: ', passagePrefix: '' };
  writeFileSync(join(model, 'ssp-encoder.json'), JSON.stringify(stated));
  const service = await serveEncoder(t, ['--model', model]);
  t.match(
    service.stderr(),
    'warning: with --encoder-model bert ssp takes queryPrefix "", not "ask: "',
  );
});
