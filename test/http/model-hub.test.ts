import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Test } from 'tap';
import { test } from 'tap';

import { isHubId, modelFromHub } from '../../src/models/model-hub.ts';
import { silentProgress } from '../../src/progress/progress.ts';
import { hubEncoder } from '../../src/retrieval/model-files.ts';
import type { Hub } from './hub.ts';
import { revision, startHub } from './hub.ts';

const model = 'someone/e5-mini';
const weights = 'onnx/model.onnx';
const weightsBytes = Buffer.alloc(300_000, 'weights of a model ');
const files = {
  'README.md': Buffer.from('not needed'),
  'config.json': Buffer.from('{"model_type": "bert"}'),
  'tokenizer.json': Buffer.alloc(5000, '{}  '),
  'tokenizer_config.json': Buffer.from('{}'),
  '1_Pooling/config.json': Buffer.from('{"pooling_mode": "mean"}'),
  'onnx/model.onnx': weightsBytes,
};
const options = { progress: silentProgress };

/** The hub and an empty cache, set in the environment for one test. */
async function setUp(t: Test): Promise<{ hub: Hub; cache: string }> {
  const cache = t.testdir({});
  const hub = await startHub(t, model, files);
  const before = { ...process.env };
  process.env['SSP_CACHE_DIR'] = cache;
  process.env['HF_ENDPOINT'] = hub.url;
  t.teardown(() => (process.env = before));
  return { hub, cache };
}

test('a model comes whole, pinned to a revision, and is not asked for again', async (t) => {
  const { hub } = await setUp(t);
  const folder = await modelFromHub(hubEncoder(model, weights), options);
  t.ok(readFileSync(join(folder, weights)).equals(weightsBytes));
  t.ok(existsSync(join(folder, '1_Pooling/config.json')));
  t.notOk(existsSync(join(folder, 'README.md')), 'only what is needed');
  t.same(JSON.parse(readFileSync(join(folder, 'ssp-download.json'), 'utf8')), { model, revision });
  const asked = hub.requests.length;
  t.equal(await modelFromHub(hubEncoder(model, weights), options), folder);
  t.equal(hub.requests.length, asked);
});

test('two processes at once download it once', async (t) => {
  const { hub } = await setUp(t);
  await Promise.all([
    modelFromHub(hubEncoder(model, weights), options),
    modelFromHub(hubEncoder(model, weights), options),
  ]);
  t.equal(hub.requests.filter((request) => request.includes(weights)).length, 1);
});

test('a lost connection is gone on with where it broke', async (t) => {
  const { hub } = await setUp(t);
  hub.cuts.push(2000, 100_000, 50_000);
  const folder = await modelFromHub(hubEncoder(model, weights), options);
  t.ok(readFileSync(join(folder, weights)).equals(weightsBytes));
  t.ok(hub.requests.some((request) => /model\.onnx from=[1-9]/.test(request)));
});

test('an interrupted download is gone on with in the next run', async (t) => {
  const { hub } = await setUp(t);
  const controller = new AbortController();
  hub.cuts.push(5000, 100_000);
  const ended = modelFromHub(hubEncoder(model, weights), { ...options, signal: controller.signal });
  const poll = setInterval(() => {
    if (hub.requests.some((request) => request.endsWith(weights))) controller.abort();
  }, 5);
  await t.rejects(ended);
  clearInterval(poll);
  hub.cuts.length = 0;
  const folder = await modelFromHub(hubEncoder(model, weights), options);
  t.ok(readFileSync(join(folder, weights)).equals(weightsBytes));
  const small = hub.requests.filter((request) => request.endsWith('/config.json'));
  t.equal(small.length, 2, 'whole files of the first run are not fetched again');
});

test('damaged bytes are refused and removed', async (t) => {
  const { hub } = await setUp(t);
  for (const name of ['config.json', weights]) {
    hub.damaged.add(name);
    await t.rejects(
      modelFromHub(hubEncoder(model, weights), options),
      { code: 'SSP_DOWNLOAD_CHECKSUM' },
      name,
    );
    hub.damaged.clear();
  }
  const folder = await modelFromHub(hubEncoder(model, weights), options);
  t.ok(readFileSync(join(folder, weights)).equals(weightsBytes));
});

test('a model or weights that the hub does not have', async (t) => {
  await setUp(t);
  await t.rejects(modelFromHub(hubEncoder('someone/else', weights), options), {
    code: 'SSP_MODEL_NOT_ON_HUB',
  });
  await t.rejects(modelFromHub(hubEncoder(model, 'onnx/model_quantized.onnx'), options), {
    code: 'SSP_ENCODER_NO_ONNX',
    message: /it has onnx\/model\.onnx/,
  });
});

test('offline: the error names the folder and each file; a folder filled by hand is taken', async (t) => {
  const { cache } = await setUp(t);
  process.env['HF_ENDPOINT'] = 'http://127.0.0.1:9';
  const folder = join(cache, 'models', 'someone--e5-mini');
  await t.rejects(modelFromHub(hubEncoder(model, weights), options), {
    code: 'SSP_MODEL_OFFLINE',
    details: { folder, files: `config.json, tokenizer.json, tokenizer_config.json, ${weights}` },
  });
  t.testdir({ models: { 'someone--e5-mini': { onnx: {} } } });
  for (const name of ['config.json', 'tokenizer.json', 'tokenizer_config.json', weights] as const) {
    writeFileSync(join(folder, name), files[name as keyof typeof files]);
  }
  t.equal(await modelFromHub(hubEncoder(model, weights), options), folder);
});

test('what is a hub id', (t) => {
  t.ok(isHubId('intfloat/e5-small-v2'));
  for (const name of ['e5', './e5', '../a/b', '/models/e5', 'a/b/c']) t.notOk(isHubId(name), name);
  t.end();
});
