import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Test } from 'tap';
import { test } from 'tap';

import packageJson from '../../../package.json' with { type: 'json' };
import { ssp } from '../../material/cli/ssp.ts';
import { writeMadeUpRun } from '../../material/report/made-up-run.ts';
import { buildIndexOf, serveIndex } from '../../material/search/served-index.ts';
import { testFolder } from '../../material/test-folder.ts';

/** Runs a command and gives the dependencies of this project that it has loaded, in its threads too. */
async function loadedBy(t: Test, folder: string, args: readonly string[]): Promise<string[]> {
  const file = join(folder, 'loaded');
  writeFileSync(file, '');
  const recorder = new URL('record-packages.ts', import.meta.url).href;
  const env = { NODE_OPTIONS: `--import=${recorder}`, LOADED_PACKAGES: file };
  const { exitCode, stderr } = await ssp(args, env);
  t.equal(exitCode, 0, `ssp ${args.join(' ')} ${stderr}`);
  const loaded = new Set(readFileSync(file, 'utf8').split('\n'));
  return Object.keys(packageJson.dependencies).filter((name) => loaded.has(name));
}

/** What every command loads: its flags are made from the schema. */
const flags = ['commander', 'leven', 'zod'];

test('help loads nothing but the parser of the command line', async (t) => {
  const folder = t.testdir();
  for (const args of [['--help'], ['--version'], ['help']]) {
    t.strictSame(await loadedBy(t, folder, args), ['commander'], args.join(' '));
  }
  for (const args of [
    ['train', '--help'],
    ['help', 'index'],
    ['policy', '--help'],
  ]) {
    t.strictSame(await loadedBy(t, folder, args), flags, args.join(' '));
  }
});

test('what encodes nothing loads neither an encoder nor a store', async (t) => {
  const folder = testFolder(t);
  const [world, run] = [join(folder, 'world'), join(folder, 'run')];
  await writeMadeUpRun(run, { steps: 1, questionsPerStep: 2 });
  const passages = [{ id: '1', title: 'Aldbury', text: 'A village with a pond.' }];
  const index = await buildIndexOf(folder, passages, 'bm25,dense');
  const service = await serveIndex(index);
  t.teardown(() => service.stop());
  const generate = ['corpus', 'generate', '--out', world, '--entities', '40', '--questions', '9'];
  const build = ['corpus', 'build', join(world, 'dump.xml'), '--out', join(folder, 'built')];
  const store = ['@lancedb/lancedb', 'apache-arrow'];
  const cases: [string[], string[]][] = [
    [['config'], ['yaml']],
    [generate, []],
    [build, ['entities', 'saxes', 'unbzip2-stream', 'wtf_wikipedia']],
    [['search', '--url', service.url, 'pond'], ['lru-cache']],
    [
      ['report', run],
      ['entities', 'yaml'],
    ],
    [
      ['search', '--index', index, '--mode', 'bm25', 'pond'],
      [...store, 'lru-cache', 'porter2', 'prom-client'],
    ],
  ];
  for (const [args, packages] of cases) {
    const expected = [...flags, ...packages].sort();
    t.strictSame(await loadedBy(t, folder, args), expected, args.slice(0, 2).join(' '));
  }
  const dense = await loadedBy(t, folder, ['search', '--index', index, '--mode', 'dense', 'pond']);
  t.ok(dense.includes('@huggingface/transformers'), 'the recorder sees what a thread loads');
});
