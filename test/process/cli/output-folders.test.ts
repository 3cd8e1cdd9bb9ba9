import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { t, test } from 'tap';

import { ssp } from '../../material/cli/ssp.ts';
import { testFolder } from '../../material/test-folder.ts';

t.setTimeout(600_000); // real commands, on whatever machine this is

const entry = fileURLToPath(new URL('../../../src/cli/ssp.mjs', import.meta.url));
const passage = (id: string): string => `${JSON.stringify({ id, title: id, text: 'It is.' })}\n`;
const dump =
  '<mediawiki><page><title>A</title><ns>0</ns><id>1</id><revision><text>A is a town.</text></revision></page></mediawiki>';

test('of two commands that write one corpus the second is refused by name', async (t) => {
  const folder = testFolder(t, { 'b.jsonl': passage('b'), 'c.xml': dump });
  const out = join(folder, 'corpus');
  const first = spawn(process.execPath, [entry, 'corpus', 'import', '-', '--out', out]);
  t.teardown(() => first.kill('SIGKILL'));
  const stderr = text(first.stderr);
  // It waits for the rest of its input.
  first.stdin.write(passage('a'));
  while (!existsSync(join(out, '.partial'))) await sleep(10);
  const others = [
    ['corpus', 'import', join(folder, 'b.jsonl'), '--out', out],
    ['corpus', 'import', join(folder, 'b.jsonl'), '--out', out, '--force'],
    ['corpus', 'build', join(folder, 'c.xml'), '--out', out],
    ['corpus', 'generate', '--out', out, '--entities', '50'],
  ];
  for (const args of others) {
    const refused = await ssp(args);
    t.equal(refused.exitCode, 2, args.join(' '));
    const holder = `Process ${first.pid} on ${hostname()} is writing ${out}`;
    t.match(refused.stderr, `error SSP_OUTPUT_IN_USE: ${holder}`);
    t.match(refused.stderr, join(out, '.lock'));
  }
  first.stdin.end();
  const [exitCode] = (await once(first, 'exit')) as [number];
  t.equal(exitCode, 0, await stderr);
  t.same(readdirSync(out), ['manifest.json', 'passages-00000.jsonl.gz']);
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as object;
  t.match(manifest, { passages: 1, read: 1 });
});

test('two builds that start at once: one corpus, whole, of one of them', async (t) => {
  const pages = Array.from({ length: 300 }, (_, n) => dump.slice(11, -12).replaceAll('A', `T${n}`));
  const folder = testFolder(t, {
    'a.xml': dump,
    'b.xml': `<mediawiki>${pages.map((page, n) => page.replace('<id>1<', `<id>${n + 1}<`)).join('')}</mediawiki>`,
  });
  const out = join(folder, 'corpus');
  const results = await Promise.all(
    ['a.xml', 'b.xml'].map((name) => ssp(['corpus', 'build', join(folder, name), '--out', out])),
  );
  const made = results.findIndex(({ exitCode }) => exitCode === 0);
  t.match(results[1 - made]?.stderr, /error SSP_OUTPUT_(IN_USE|EXISTS)/);
  const { read } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as { read: number };
  t.equal(read, [1, 300][made]);
  t.notOk(existsSync(join(out, '.lock')));
});

test('`corpus --force` touches nothing where somebody has put a file into the folder', async (t) => {
  const folder = t.testdir({ 'a.jsonl': passage('a'), 'b.jsonl': passage('b'), 'c.xml': dump });
  const out = join(folder, 'corpus');
  const imports = (name: string) => ['corpus', 'import', join(folder, name), '--out', out];
  await ssp(imports('a.jsonl'));
  const before = readFileSync(join(out, 'manifest.json'));
  writeFileSync(join(out, 'notes.txt'), 'on this corpus');
  for (const args of [
    imports('b.jsonl'),
    ['corpus', 'build', join(folder, 'c.xml'), '--out', out],
  ]) {
    const { exitCode, stderr } = await ssp([...args, '--force']);
    t.equal(exitCode, 2);
    t.match(stderr, `error SSP_OUTPUT_FOREIGN: ${join(out, 'notes.txt')}`);
  }
  t.same(readFileSync(join(out, 'manifest.json')), before);
  t.equal(readFileSync(join(out, 'notes.txt'), 'utf8'), 'on this corpus');
});

test('`corpus generate --force` touches nothing beside a foreign file', async (t) => {
  const out = t.testdir({ 'dump.xml': 'fetched yesterday', 'thesis.tex': 'years of work' });
  const generate = ['corpus', 'generate', '--out', out, '--entities', '50'];
  const unforced = await ssp(generate);
  t.match(unforced.stderr, `error SSP_OUTPUT_EXISTS: ${out} already holds a file dump.xml`);
  const { exitCode, stderr } = await ssp([...generate, '--force']);
  t.equal(exitCode, 2);
  t.match(stderr, `error SSP_OUTPUT_FOREIGN: ${join(out, 'thesis.tex')}`);
  t.same(readdirSync(out), ['dump.xml', 'thesis.tex']);
  t.equal(readFileSync(join(out, 'dump.xml'), 'utf8'), 'fetched yesterday');
});

test('`encoder export --force` removes nothing from a folder that is no export', async (t) => {
  const config = JSON.stringify({ model_type: 'bert', hidden_size: 8 });
  const folder = t.testdir({
    source: { 'config.json': config },
    out: { 'README.md': 'my own', deep: { 'thesis.tex': 'years of work' } },
    broken: { 'ssp-export.json': '{"files": ["config.json"]}', 'config.json': '', notes: '' },
  });
  const source = join(folder, 'source');
  for (const [name, found] of [
    ['out', 'README.md'],
    ['broken', 'notes'],
  ] as const) {
    const out = join(folder, name);
    const before = readdirSync(out, { recursive: true });
    const { exitCode, stderr } = await ssp(['encoder', 'export', source, '--out', out, '--force']);
    t.equal(exitCode, 2);
    t.match(stderr, `error SSP_OUTPUT_FOREIGN: ${join(out, found)}`);
    t.same(readdirSync(out, { recursive: true }), before);
  }
  t.same(readdirSync(folder), ['broken', 'out', 'source']);
});

test('`seeds --force` replaces no file of another kind', async (t) => {
  const folder = t.testdir({
    'a.jsonl': passage('a'),
    'thesis.tex': 'years of work',
    'b.json': '{}',
  });
  for (const name of ['thesis.tex', 'b.json', 'a.jsonl']) {
    const out = join(folder, name);
    const before = readFileSync(out, 'utf8');
    const args = ['seeds', '--corpus', join(folder, 'none'), '--out', out, '--force'];
    const { exitCode, stderr } = await ssp(args);
    t.equal(exitCode, 2);
    t.match(stderr, `error SSP_OUTPUT_FOREIGN: ${out}`);
    t.equal(readFileSync(out, 'utf8'), before);
  }
});

test('a quickstart does not begin where its run folder holds anything else', async (t) => {
  const run = {
    'run.json': '{}',
    checkpoints: { 'step-000001': { 'state.json': '' }, best: { 'state.json': '' } },
  };
  const out = t.testdir({ run });
  const { exitCode, stderr } = await ssp(['quickstart', '--out', out]);
  t.equal(exitCode, 2);
  t.match(stderr, `error SSP_OUTPUT_FOREIGN: ${join(out, 'run', 'checkpoints', 'best')}`);
  t.same(readdirSync(out), ['run']);
  t.same(readdirSync(join(out, 'run', 'checkpoints')), ['best', 'step-000001']);
});
