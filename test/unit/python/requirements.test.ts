import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { test } from 'tap';

import { findPython } from '../../../src/python/interpreter.ts';
import { belongsToTorch, lockedRequirements } from '../../../src/python/requirements.ts';
import { torchSource } from '../../../src/python/requirements.ts';
import { pipSettings } from '../../../src/python/uv.ts';

const project = fileURLToPath(new URL('../../../', import.meta.url));
const files = [
  'services/policy/requirements',
  'services/policy/requirements-dev',
  'test/bench/requirements',
  'test/python/clients/requirements',
  'src/python/requirements-uv',
];
const read = (file: string): string => readFileSync(`${project}${file}`, 'utf8');

test('every locked file has what its .in file wants, and hashes of everything', (t) => {
  for (const file of files) {
    const locked = lockedRequirements(read(`${file}.txt`));
    const specs = locked.map(({ spec }) => spec.toLowerCase());
    const wanted = read(`${file}.in`)
      .split('\n')
      .filter((line) => /^\w/.test(line));
    const same = (spec: string): string => spec.toLowerCase().replaceAll('_', '-');
    t.same(
      wanted.map(same).filter((spec) => !specs.includes(spec)),
      [],
      file,
    );
    t.ok(wanted.length > 0 && locked.every(({ text }) => text.includes('--hash=sha256:')));
  }
  t.end();
});

test('PyTorch and what its build for Linux brings, and nothing else', (t) => {
  const locked = lockedRequirements(read('services/policy/requirements.txt'));
  const torch = locked.filter((requirement) => belongsToTorch(requirement));
  const others = torch.filter(({ name }) => !/^(nvidia|cuda)-/.test(name));
  t.same(
    others.map(({ name }) => name),
    ['torch', 'triton'],
  );
  t.ok(torch.length > 10);
  // What another build needs of the rest stays: the requirements of torch's wheel that have no marker.
  const kept = new Set(locked.filter((each) => !torch.includes(each)).map(({ name }) => name));
  const needed = 'filelock typing-extensions setuptools sympy networkx jinja2 fsspec'.split(' ');
  t.ok(needed.every((name) => kept.has(name)));
  t.end();
});

test('where another build of PyTorch comes from', (t) => {
  const folder = t.testdir({
    cpu: { 'torch-2.0+cpu-py3-none-any.whl': '' },
    other: { 'torch-2.0-py3-none-any.whl': '', 'torch-2.1+cpu-py3-none-any.whl': '' },
  });
  const [cpu, other] = [`${folder}/cpu`, `${folder}/other`];
  const find = (environment: NodeJS.ProcessEnv): unknown => torchSource('torch==2.0', environment);
  t.equal(find({}), undefined);
  t.equal(find({ PIP_FIND_LINKS: `https://example.org ${other}` }), undefined);
  const fromFolder = { place: cpu, flags: ['--no-index', '--find-links', cpu, 'torch==2.0'] };
  t.same(find({ PIP_FIND_LINKS: `${other} ${cpu}` }), fromFolder);
  t.same(find({ UV_FIND_LINKS: `${other},${cpu}` }), fromFolder);
  t.same(find({ SSP_TORCH_INDEX: cpu, UV_FIND_LINKS: other }), fromFolder);
  const url = 'https://example.org/whl/cpu';
  const flags = ['--extra-index-url', url, 'torch==2.0'];
  t.same(find({ SSP_TORCH_INDEX: url, PIP_FIND_LINKS: cpu }), { place: url, flags });
  t.end();
});

const python = await findPython().catch(() => undefined);
const skip = python === undefined && 'there is no Python from 3.11 to 3.14 with venv';

test("pip's settings for uv: files first, then the environment", { skip }, async (t) => {
  const folder = t.testdir({
    'pip.conf':
      '[global]\nindex-url = http://a/simple\ncert = /a.pem\n[install]\nfind-links =\n  /x\n  /y\n',
  });
  const before = { ...process.env };
  t.teardown(() => (process.env = before));
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('PIP_')) Reflect.deleteProperty(process.env, name);
  }
  process.env['PIP_CONFIG_FILE'] = `${folder}/pip.conf`;
  process.env['PIP_CERT'] = '/b.pem';
  t.match(await pipSettings(python?.path ?? ''), {
    UV_DEFAULT_INDEX: 'http://a/simple',
    UV_FIND_LINKS: '/x,/y',
    SSL_CERT_FILE: '/b.pem',
  });
  t.same(await pipSettings(process.execPath), {}, 'without pip');
});
