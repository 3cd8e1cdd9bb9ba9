import { execFile } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { Test } from 'tap';
import { test } from 'tap';

const run = promisify(execFile);
const project = fileURLToPath(new URL('../../../', import.meta.url));
const skip = process.platform === 'win32' && 'the stand-in for npm is a shell script';

interface Lock {
  packages: Record<string, { version?: string; optional?: boolean }>;
}

/** A clone with this project's lock file, npm's list of what is installed here, and the folders of that. */
function cloneOf(t: Test): string {
  const folder = t.testdir({
    src: { cli: {} },
    node_modules: {},
    npm: '#!/bin/sh\necho "$*" >> "$CALLS"\n',
  });
  chmodSync(join(folder, 'npm'), 0o755);
  for (const file of ['src/cli/setup.mjs', 'package-lock.json', 'node_modules/.package-lock.json'])
    copyFileSync(join(project, file), join(folder, file));
  const installed = readFileSync(join(folder, 'node_modules/.package-lock.json'), 'utf8');
  for (const path of Object.keys((JSON.parse(installed) as Lock).packages)) {
    mkdirSync(join(folder, path), { recursive: true });
  }
  return folder;
}

function changeLock(path: string, change: (packages: Lock['packages']) => void): void {
  const lock = JSON.parse(readFileSync(path, 'utf8')) as Lock;
  change(lock.packages);
  writeFileSync(path, JSON.stringify(lock));
}

/** Runs the setup of the clone; gives the calls of npm and what it said. */
async function setUp(
  folder: string,
  args: string[] = [],
): Promise<{ calls: string; said: string }> {
  const calls = join(folder, 'calls');
  const env = { PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}`, CALLS: calls };
  writeFileSync(calls, '');
  const program = [join(folder, 'src/cli/setup.mjs'), ...args];
  const { stderr } = await run(process.execPath, program, { env });
  return { calls: readFileSync(calls, 'utf8'), said: stderr };
}

test('what `npm ci` has installed is not installed again', { skip }, async (t) => {
  t.same(await setUp(cloneOf(t)), { calls: '', said: '' });
});

test(
  'a changed lock file, a missing and a left-over package are installed anew',
  { skip },
  async (t) => {
    const changes: Record<string, (folder: string) => void> = {
      'a new clone': (folder) => {
        writeFileSync(join(folder, 'node_modules/.package-lock.json'), '{"packages": {}}');
      },
      'another version': (folder) => {
        changeLock(join(folder, 'package-lock.json'), ({ 'node_modules/zod': zod }) => {
          if (zod !== undefined) zod.version = '0.0.1';
        });
      },
      'a package more': (folder) => {
        changeLock(join(folder, 'package-lock.json'), (packages) => {
          packages['node_modules/new'] = { version: '1.0.0' };
        });
      },
      'a folder less': (folder) => {
        rmSync(join(folder, 'node_modules/zod'), { recursive: true });
      },
      'a package less': (folder) => {
        changeLock(join(folder, 'package-lock.json'), (packages) => {
          Reflect.deleteProperty(packages, 'node_modules/zod');
        });
      },
    };
    for (const [name, change] of Object.entries(changes)) {
      const folder = cloneOf(t);
      change(folder);
      const { calls, said } = await setUp(folder, ['--omit=dev']);
      t.equal(calls, 'ci --no-audit --no-fund --omit=dev\n', name);
      t.match(said, /Installing the packages/);
    }
  },
);

test('ONNX Runtime for other platforms is removed, and only that', { skip }, async (t) => {
  const folder = cloneOf(t);
  const own = `${process.platform}/${process.arch}`;
  const all = join(folder, 'node_modules/onnxruntime-node/bin/napi-v6');
  const put = (name: string): void => {
    mkdirSync(join(all, name), { recursive: true });
    writeFileSync(join(all, name, 'library'), Buffer.alloc(2_000_000));
  };
  put('plan9/mips');
  t.same(
    (await setUp(folder)).said,
    '',
    'no folder for this machine: nothing is known of the rest',
  );
  t.ok(existsSync(join(all, 'plan9/mips')));
  put(own);
  t.match((await setUp(folder)).said, /other platforms \(plan9\/mips\): 2 MB/);
  t.notOk(existsSync(join(all, 'plan9/mips')));
  t.ok(existsSync(join(all, own, 'library')));
  t.equal((await setUp(folder)).said, '');
});
