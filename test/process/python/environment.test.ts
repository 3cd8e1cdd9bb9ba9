import { execFile } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join, relative } from 'node:path';
import { promisify } from 'node:util';

import type { Test } from 'tap';
import t, { test } from 'tap';

import { silentProgress } from '../../../src/progress/progress.ts';
import { ensureEnvironment } from '../../../src/python/environment.ts';
import { findPython } from '../../../src/python/interpreter.ts';
import { cacheFolder } from '../../../src/storage/cache-folder.ts';
import { testFolder } from '../../material/test-folder.ts';
import type { PackageIndex } from './package-index.ts';
import { lockOf, startPackageIndex, wheel } from './package-index.ts';

t.setTimeout(600_000); // Python makes several environments, on whatever machine this is

const run = promisify(execFile);
const python = await findPython().catch(() => undefined);
const uv = uvOfThisMachine();
const noPython = python === undefined && 'there is no Python from 3.11 to 3.14 with venv';
const noUv = noPython || (uv === undefined && 'uv is not installed');
const cases = [
  { installer: 'pip', program: undefined, skip: noPython },
  { installer: 'uv', program: uv, skip: noUv },
];
const context = { progress: silentProgress };
/** A cache for each installer: what pip cannot find it looks for in the same place the next time. */
const caches = t.testdir({ pip: {}, uv: {} });
const [one, two, torch] = [wheel('tiny-one'), wheel('tiny-two'), wheel('torch')];

/** uv on the path, or the one that the project has fetched once. */
function uvOfThisMachine(): string | undefined {
  const lock = new URL('../../../src/python/requirements-uv.txt', import.meta.url);
  const version = /^uv==(\S+)/m.exec(readFileSync(lock, 'utf8'))?.[1] ?? '';
  const onPath = (process.env['PATH'] ?? '').split(delimiter);
  const folders = [...onPath, join(cacheFolder(), 'uv', version, 'bin')];
  return folders.map((folder) => join(folder, 'uv')).find((file) => existsSync(file));
}

/**
 * An environment in which there is no uv but `program` (an old one without it), and in which pip is told
 * of the index alone. The index has no uv.
 */
async function setUp(
  t: Test,
  program: string | undefined,
): Promise<{ folder: string; index: PackageIndex }> {
  const folder = testFolder(t, { bin: {}, cpu: {} });
  const index = await startPackageIndex(t, [one, two, torch, wheel('triton')]);
  const bin = join(folder, 'bin');
  if (program !== undefined) symlinkSync(program, join(bin, 'uv'));
  else writeFileSync(join(bin, 'uv'), '#!/bin/sh\necho uv 0.4.30\n', { mode: 0o755 });
  const before = { ...process.env };
  t.teardown(() => (process.env = before));
  for (const name of Object.keys(process.env)) {
    if (/^(PIP|UV|SSP)_/.test(name)) Reflect.deleteProperty(process.env, name);
  }
  Object.assign(process.env, {
    PATH: `${bin}:/usr/bin:/bin`,
    SSP_PYTHON: python?.path,
    SSP_CACHE_DIR: join(caches, program === undefined ? 'pip' : 'uv'),
    PIP_INDEX_URL: index.url,
    // pip keeps nothing of an index without TLS that it is not told to trust.
    PIP_TRUSTED_HOST: new URL(index.url).host,
    PIP_CACHE_DIR: join(folder, 'pip-cache'),
    PIP_RETRIES: '0',
    UV_CACHE_DIR: join(folder, 'uv-cache'),
    UV_HTTP_RETRIES: '0',
  });
  return { folder, index };
}

/** Writes a lock file that no other test has, and so gets an environment of its own. */
function write(folder: string, name: string, text: string): string {
  writeFileSync(join(folder, name), `# ${folder}\n${text}`);
  return join(folder, name);
}

/** Versions of modules in the environment; undefined where it has none. */
async function versions(program: string, ...modules: string[]): Promise<(string | undefined)[]> {
  const version = (module: string): Promise<string | undefined> =>
    run(program, ['-c', `import ${module}; print(${module}.__version__)`]).then(
      ({ stdout }) => stdout.trim(),
      () => undefined,
    );
  return Promise.all(modules.map(version));
}

for (const { installer, program, skip } of cases) {
  test(`${installer} installs what is locked, once`, { skip }, async (t) => {
    const { folder, index } = await setUp(t, program);
    const core = write(folder, 'core.txt', lockOf([one]));
    const beside = relative('.', write(folder, 'beside.txt', lockOf([two])));
    const notes: string[] = [];
    const progress = { ...silentProgress, note: (text: string) => void notes.push(text) };
    const environment = await ensureEnvironment([core], { progress });
    t.match(notes.join('\n'), new RegExp(`once; Python 3\\.\\d+, ${installer}`));
    t.equal(/uv is not to be had/.test(notes.join('\n')), installer === 'pip');
    t.same(await versions(environment.python, 'tiny_one', 'tiny_two'), ['1.0', undefined]);
    t.ok(readFileSync(join(environment.folder, 'install.log'), 'utf8').includes('tiny'));

    index.requests.length = 0;
    t.same(await ensureEnvironment([core], context), environment);
    t.same(index.requests, []);
    t.same(await ensureEnvironment([core, beside], context), environment);
    t.same(await versions(environment.python, 'tiny_one', 'tiny_two'), ['1.0', '1.0']);
    t.notOk(
      index.requests.some((path) => path.includes('tiny-one')),
      'the core is left alone',
    );
  });

  test(`${installer} refuses a package that is not the locked one`, { skip }, async (t) => {
    const { folder } = await setUp(t, program);
    const changed = write(folder, 'changed.txt', lockOf([one, two], ['tiny-two']));
    const install = (): Promise<unknown> => ensureEnvironment([changed], context);
    await t.rejects(install(), { code: 'SSP_PYTHON_PACKAGE_CHANGED', message: /tiny-two/ });
    await t.rejects(install(), { code: 'SSP_PYTHON_PACKAGE_CHANGED' }, 'nor the next time');
    const bare = write(folder, 'bare.txt', 'tiny-one==1.0\n');
    await t.rejects(ensureEnvironment([bare], context), { code: /SSP_PYTHON/ }, 'no hash at all');
  });

  test(`${installer} fetches once what it had before an interruption`, { skip }, async (t) => {
    const { folder, index } = await setUp(t, program);
    const file = write(folder, 'core.txt', lockOf([one, two]));
    const controller = new AbortController();
    index.stalled.add(two.file);
    const ended = ensureEnvironment([file], { ...context, signal: controller.signal });
    const isAsked = (name: string): boolean => index.requests.includes(`/files/${name}`);
    const poll = setInterval(() => {
      // A moment later the first file is whole.
      if (isAsked(one.file) && isAsked(two.file))
        setTimeout(() => {
          controller.abort();
        }, 500);
    }, 20);
    await t.rejects(ended, { name: 'AbortError' });
    clearInterval(poll);
    index.stalled.clear();
    index.requests.length = 0;
    const environment = await ensureEnvironment([file], context);
    t.same(await versions(environment.python, 'tiny_one', 'tiny_two'), ['1.0', '1.0']);
    t.ok(isAsked(two.file));
    t.notOk(isAsked(one.file));
  });

  test(`${installer} takes another build of PyTorch from its own index`, { skip }, async (t) => {
    const { folder, index } = await setUp(t, program);
    const build = wheel('torch', '1.0+cpu');
    const second = await startPackageIndex(t, [build]);
    process.env['SSP_TORCH_INDEX'] = second.url;
    const file = write(folder, 'core.txt', lockOf([one, torch, wheel('triton')]));
    const environment = await ensureEnvironment([file], context);
    const found = await versions(environment.python, 'tiny_one', 'torch', 'triton');
    t.same(found, ['1.0', '1.0+cpu', undefined]);
    t.ok(second.requests.includes(`/files/${build.file}`));
    t.notOk(index.requests.includes(`/files/${torch.file}`));
  });
}

test('which package there is not', { skip: noUv }, async (t) => {
  const { folder } = await setUp(t, uv);
  const missing = write(folder, 'missing.txt', lockOf([one, wheel('tiny-three')]));
  await t.rejects(ensureEnvironment([missing], context), {
    code: 'SSP_PYTHON_PACKAGE_MISSING',
    message: /^uv .* finds no package tiny-three/,
  });
});

test('another build of PyTorch comes from a folder of wheels', { skip: noUv }, async (t) => {
  const { folder } = await setUp(t, uv);
  const file = write(folder, 'core.txt', lockOf([one, torch]));
  const plain = await ensureEnvironment([file], context);
  t.same(await versions(plain.python, 'tiny_one', 'torch'), ['1.0', '1.0']);
  const build = wheel('torch', '1.0+cpu');
  writeFileSync(join(folder, 'cpu', build.file), build.bytes);
  process.env['SSP_TORCH_INDEX'] = join(folder, 'cpu');
  const other = await ensureEnvironment([file], context);
  t.not(other.folder, plain.folder);
  t.same(await versions(other.python, 'tiny_one', 'torch'), ['1.0', '1.0+cpu']);
  Reflect.deleteProperty(process.env, 'SSP_TORCH_INDEX');
  process.env['PIP_FIND_LINKS'] = join(folder, 'cpu');
  t.same(await ensureEnvironment([file], context), other, 'as where pip is told of the folder');
});
