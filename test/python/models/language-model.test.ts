import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { Test } from 'tap';
import { test } from 'tap';

import { modelFolder } from '../../../src/app/policy-process.ts';
import { hubLanguageModel } from '../../../src/models/language-model.ts';
import { modelFromHub } from '../../../src/models/model-hub.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { installedPythonEnvironment } from '../../../src/python/environment.ts';
import type { Hub } from '../../material/models/hub.ts';
import { startHub } from '../../material/models/hub.ts';

const model = 'someone/tiny-llm';
const small = Buffer.from('{}');
const described = { 'config.json': small, 'tokenizer.json': small, 'README.md': small };
const parts = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
const index = { weight_map: { a: parts[0], b: parts[1], c: parts[1] } };
const options = { progress: silentProgress };
const environment = await installedPythonEnvironment();
const skip = environment === undefined && 'the Python environment is not installed';

/** The hub with `files` and an empty cache, set in the environment for one test. */
async function hubWith(t: Test, files: Readonly<Record<string, Buffer>>): Promise<Hub> {
  const folder = t.testdir({ cache: {}, home: {} });
  const hub = await startHub(t, model, files);
  const before = { ...process.env };
  for (const name of ['HF_HUB_CACHE', 'HUGGINGFACE_HUB_CACHE', 'HF_HUB_OFFLINE', 'HF_TOKEN']) {
    Reflect.deleteProperty(process.env, name);
  }
  process.env['SSP_CACHE_DIR'] = join(folder, 'cache');
  process.env['HF_HOME'] = join(folder, 'home');
  process.env['HF_ENDPOINT'] = hub.url;
  t.teardown(() => (process.env = before));
  return hub;
}

test('weights in one file, with what describes them and nothing else', async (t) => {
  const hub = await hubWith(t, {
    ...described,
    'model.safetensors': Buffer.alloc(5000, 'w'),
    'pytorch_model.bin': Buffer.alloc(5000, 'p'),
  });
  const folder = await modelFromHub(hubLanguageModel(model), options);
  const found = (name: string): boolean => existsSync(join(folder, name));
  t.ok(found('model.safetensors') && found('config.json') && found('tokenizer.json'));
  t.notOk(found('README.md') || found('pytorch_model.bin'));
  const asked = hub.requests.length;
  t.equal(await modelFromHub(hubLanguageModel(model), options), folder);
  t.equal(hub.requests.length, asked, 'a second start asks nothing');
});

test('weights in parts: a part that is missing is fetched, the index comes last', async (t) => {
  const hub = await hubWith(t, {
    ...described,
    [parts[0] ?? '']: Buffer.alloc(5000, 'a'),
    [parts[1] ?? '']: Buffer.alloc(5000, 'b'),
    'model.safetensors.index.json': Buffer.from(JSON.stringify(index)),
  });
  hub.damaged.add(parts[1] ?? '');
  const wanted = hubLanguageModel(model);
  await t.rejects(modelFromHub(wanted, options), { code: 'SSP_DOWNLOAD_CHECKSUM' });
  hub.damaged.clear();
  const folder = await modelFromHub(wanted, options);
  t.same(await wanted.missing(folder), []);
  t.ok(parts.every((part) => existsSync(join(folder, part))));
  t.match(hub.requests.at(-1), /index\.json$/);
});

test('a model without safetensors is refused before anything is fetched', async (t) => {
  const hub = await hubWith(t, { ...described, 'pytorch_model.bin': Buffer.alloc(5000, 'p') });
  await t.rejects(modelFromHub(hubLanguageModel(model), options), {
    code: 'SSP_POLICY_MODEL_UNSUPPORTED',
  });
  t.notOk(hub.requests.some((path) => path.includes('/resolve/')));
});

test('without the hub the error names the files and where they go', async (t) => {
  await hubWith(t, described);
  process.env['HF_ENDPOINT'] = 'http://127.0.0.1:9';
  await t.rejects(modelFromHub(hubLanguageModel(model), options), {
    code: 'SSP_MODEL_OFFLINE',
    details: { files: 'config.json, model.safetensors' },
  });
});

test('a preflight fetches the configuration alone; the weights come when they are needed', async (t) => {
  const hub = await hubWith(t, { ...described, 'model.safetensors': Buffer.alloc(5000, 'w') });
  const context = { ...options, signal: new AbortController().signal };
  const fetched = (): string[] => hub.requests.filter((request) => request.includes('/resolve/'));
  const folder = await modelFolder(model, context, true);
  t.ok(existsSync(join(folder, 'config.json')));
  t.match(fetched(), [/config\.json$/]);
  t.equal(fetched().length, 1);
  t.equal(await modelFolder(model, context), folder);
  t.ok(existsSync(join(folder, 'model.safetensors')));
  t.equal(fetched().filter((path) => path.endsWith('/config.json')).length, 1);
  await modelFolder(model, context, true);
  t.equal(fetched().length, 2, 'the tokenizer has the same bytes as the configuration');
});

test("Python's library finds what was downloaded", { skip }, async (t) => {
  await hubWith(t, { ...described, 'model.safetensors': Buffer.alloc(5000, 'w') });
  const folder = await modelFromHub(hubLanguageModel(model), options);
  const program = `
import os
from huggingface_hub import scan_cache_dir, snapshot_download, try_to_load_from_cache
(repo,) = scan_cache_dir().repos
(revision,) = repo.revisions
assert repo.repo_id == "${model}" and revision.refs == {"main"}, repo
print(sorted(file.file_name for file in revision.files))
print(os.path.dirname(try_to_load_from_cache("${model}", "model.safetensors")))
print(snapshot_download("${model}", local_files_only=True))
`;
  const { stdout } = await promisify(execFile)(environment?.python ?? '', ['-c', program]);
  const files = "['config.json', 'model.safetensors', 'ssp-download.json', 'tokenizer.json']";
  t.same(stdout.trim().split('\n'), [files, folder, folder]);
});
