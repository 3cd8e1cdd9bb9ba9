import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';

import type { Test } from 'tap';
import { test } from 'tap';

import { isHubId, modelFromHub } from '../../../src/models/model-hub.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { hubEncoder } from '../../../src/retrieval/model-files.ts';
import type { Hub } from '../../material/models/hub.ts';
import { lfsBytes, revision, startHub } from '../../material/models/hub.ts';

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

/** The hub and two empty caches, ours and the shared one, set in the environment for one test. */
async function setUp(t: Test): Promise<{ hub: Hub; cache: string; shared: string }> {
  const folder = t.testdir({ cache: {}, home: {} });
  const hub = await startHub(t, model, files);
  const before = { ...process.env };
  for (const name of Object.keys(process.env)) {
    if (/^(HF|HUGGINGFACE)_/.test(name)) Reflect.deleteProperty(process.env, name);
  }
  const [cache, home] = [join(folder, 'cache'), join(folder, 'home')];
  Object.assign(process.env, { SSP_CACHE_DIR: cache, HF_HOME: home, HF_ENDPOINT: hub.url });
  t.teardown(() => (process.env = before));
  return { hub, cache, shared: join(home, 'hub', 'models--someone--e5-mini') };
}

/** The files as Python's library leaves them in the shared cache: bytes, links to them, the branch. */
function downloadByPython(shared: string, names: readonly string[]): string {
  const snapshot = join(shared, 'snapshots', revision);
  for (const folder of ['blobs', 'refs', 'snapshots'])
    mkdirSync(join(shared, folder), { recursive: true });
  writeFileSync(join(shared, 'refs', 'main'), revision);
  for (const name of names) {
    const bytes = files[name as keyof typeof files];
    const blob = join(shared, 'blobs', checksumOf(bytes));
    writeFileSync(blob, bytes);
    mkdirSync(dirname(join(snapshot, name)), { recursive: true });
    symlinkSync(relative(dirname(join(snapshot, name)), blob), join(snapshot, name));
  }
  return snapshot;
}

/** What the hub calls the bytes: SHA-256 of large files, git's SHA-1 of others. */
function checksumOf(bytes: Buffer): string {
  return bytes.length > lfsBytes
    ? createHash('sha256').update(bytes).digest('hex')
    : createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

test('a model comes whole, pinned to a revision, and is not asked for again', async (t) => {
  const { hub, shared } = await setUp(t);
  const folder = await modelFromHub(hubEncoder(model, weights), options);
  t.ok(readFileSync(join(folder, weights)).equals(weightsBytes));
  t.ok(existsSync(join(folder, '1_Pooling/config.json')));
  t.notOk(existsSync(join(folder, 'README.md')), 'only what is needed');
  t.match(JSON.parse(readFileSync(join(folder, 'ssp-download.json'), 'utf8')), { model, revision });
  t.equal(folder, join(shared, 'snapshots', revision));
  t.equal(readFileSync(join(shared, 'refs', 'main'), 'utf8'), revision);
  t.equal(
    readlinkSync(join(folder, '1_Pooling/config.json')),
    `../../../blobs/${checksumOf(files['1_Pooling/config.json'])}`,
    'as Python links it',
  );
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

test('what Python has downloaded is not fetched again; what it left out is', async (t) => {
  const { hub, shared } = await setUp(t);
  const there = ['config.json', 'tokenizer.json', 'tokenizer_config.json', weights];
  const snapshot = downloadByPython(shared, there);
  t.equal(await modelFromHub(hubEncoder(model, weights), options), snapshot);
  const fetched = hub.requests.filter((request) => request.includes('/resolve/'));
  t.same(fetched, [`/${model}/resolve/${revision}/1_Pooling/config.json`]);
  const asked = hub.requests.length;
  t.equal(await modelFromHub(hubEncoder(model, weights), options), snapshot);
  t.equal(hub.requests.length, asked, 'now everything is known to be there');
});

test('bytes of another revision are taken where they are the same', async (t) => {
  const { hub, shared } = await setUp(t);
  const old = downloadByPython(shared, ['config.json', weights]);
  renameSync(old, join(shared, 'snapshots', 'f'.repeat(40)));
  writeFileSync(join(shared, 'refs', 'main'), 'f'.repeat(40));
  const folder = await modelFromHub(hubEncoder(model, weights), options);
  t.ok(readFileSync(join(folder, weights)).equals(weightsBytes));
  t.notOk(hub.requests.some((request) => request.endsWith(weights)));
});

test('without the hub what Python has downloaded will do', async (t) => {
  const { hub, shared } = await setUp(t);
  const there = ['config.json', 'tokenizer.json', 'tokenizer_config.json', weights];
  const snapshot = downloadByPython(shared, there);
  process.env['HF_HUB_OFFLINE'] = '1';
  t.equal(await modelFromHub(hubEncoder(model, weights), options), snapshot);
  t.same(hub.requests, []);
  await t.rejects(modelFromHub(hubEncoder(model, 'onnx/model_quantized.onnx'), options), {
    code: 'SSP_MODEL_OFFLINE',
    message: /HF_HUB_OFFLINE is set/,
  });
  process.env['HF_HUB_OFFLINE'] = '0';
  process.env['HF_ENDPOINT'] = 'http://127.0.0.1:9';
  const notes: string[] = [];
  const progress = { ...silentProgress, note: (text: string) => void notes.push(text) };
  t.equal(await modelFromHub(hubEncoder(model, weights), { progress }), snapshot);
  t.match(notes.join('\n'), /is used as it lies in/);
});

test('the cache that HF_HUB_CACHE names comes first, and HF_TOKEN is sent', async (t) => {
  const { hub, cache } = await setUp(t);
  process.env['HF_HUB_CACHE'] = join(cache, 'elsewhere');
  process.env['HF_TOKEN'] = 'secret of a hub of our own';
  const folder = await modelFromHub(hubEncoder(model, weights), options);
  t.ok(folder.startsWith(join(cache, 'elsewhere', 'models--someone--e5-mini')));
  t.equal(hub.tokens.length, hub.requests.length);
  t.same(new Set(hub.tokens), new Set(['Bearer secret of a hub of our own']));
});

test('a model that an earlier version has downloaded serves', async (t) => {
  const { hub, cache } = await setUp(t);
  const folder = join(cache, 'models', 'someone--e5-mini');
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  for (const name of ['config.json', 'tokenizer.json', 'tokenizer_config.json', weights] as const) {
    writeFileSync(join(folder, name), files[name as keyof typeof files]);
  }
  t.equal(await modelFromHub(hubEncoder(model, weights), options), folder);
  t.same(hub.requests, []);
});

test('offline: the error names the folder and each file', async (t) => {
  const { cache } = await setUp(t);
  process.env['HF_ENDPOINT'] = 'http://127.0.0.1:9';
  const folder = join(cache, 'models', 'someone--e5-mini');
  await t.rejects(modelFromHub(hubEncoder(model, weights), options), {
    code: 'SSP_MODEL_OFFLINE',
    details: { folder, files: `config.json, tokenizer.json, tokenizer_config.json, ${weights}` },
  });
});

test('what is a hub id', (t) => {
  t.ok(isHubId('intfloat/e5-small-v2'));
  for (const name of ['e5', './e5', '../a/b', '/models/e5', 'a/b/c']) t.notOk(isHubId(name), name);
  t.end();
});
