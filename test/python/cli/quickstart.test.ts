import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import t, { test } from 'tap';

import { readMetrics } from '../../../src/run/read-run.ts';
import { ownRunFolder, runFolder } from '../../../src/run/run-folder.ts';
import { refuseForeign, removeOwn } from '../../../src/storage/own-folder.ts';
import { ssp } from '../../material/cli/ssp.ts';
import { skip } from '../../material/policy/served-policy.ts';

t.setTimeout(600_000); // PyTorch is imported several times, on whatever machine this is

const entry = fileURLToPath(new URL('../../../src/cli/ssp.mjs', import.meta.url));
const small = ['--entities', '300', '--questions', '60'];
const short = ['--training-steps', '2', '--training-batch-questions', '4'];

test('the whole mission, stopped half-way and taken up', { skip }, async (t) => {
  const out = join(t.testdir(), 'quickstart');
  const args = ['quickstart', '--out', out, ...small, ...short];
  args.push('--training-validation-questions', '9');
  const child = spawn(process.execPath, [entry, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  let stderr = '';
  child.stderr.on('data', (data) => (stderr += String(data)));
  while (!stderr.includes('step 1/2')) {
    if (child.exitCode !== null) throw new Error(stderr);
    await sleep(20);
  }
  child.kill('SIGINT');
  const [code] = await ended;
  t.equal(code, 130, stderr);
  t.match(stderr, /SSP_INTERRUPTED/);

  const { exitCode, stdout, stderr: rest } = await ssp([...args, '--json']);
  t.equal(exitCode, 0, rest);
  t.match(rest, /resumed after step 1 of 2/);
  const summary = JSON.parse(stdout) as Record<string, unknown>;
  t.match(summary, {
    ...{ machine: String, seed: 1, steps: 2, heldOutQuestions: 9 },
    before: { all: Number, 1: Number, 2: Number, 3: Number },
    after: { all: Number, 1: Number, 2: Number, 3: Number },
    minutes: { index: Number, seeds: Number, training: Number, report: Number, total: Number },
  });
  t.same(JSON.parse(await readFile(join(out, 'summary.json'), 'utf8')), summary);
  t.ok((await stat(join(out, 'report.html'))).size > 20_000);
  const metrics = await readMetrics(runFolder(join(out, 'run')));
  t.same(
    metrics.map(({ step }) => step),
    [0, 1, 2],
  );
  t.equal(metrics[0]?.validation?.exactMatch, (summary['before'] as { all: number }).all);

  const again = await ssp([...args, '--json']);
  t.same([again.exitCode, JSON.parse(again.stdout)], [0, summary], 'a finished one is shown');
  t.match(again.stderr, /finished; --force makes it anew/);
  const other = await ssp([...args, '--training-seed', '2']);
  t.equal(other.exitCode, 2);
  t.match(other.stderr, /SSP_QUICKSTART_EXISTS: .*training\.seed was 1, is 2/);
  t.match((await ssp([...args, '--entities', '301'])).stderr, /generate\.entities was 300, is 301/);
  t.same(await readMetrics(runFolder(join(out, 'run'))), metrics, 'and nothing of it has changed');
  await rm(join(out, 'summary.json'));
  const concluded = await ssp([...args, '--json']);
  t.match(JSON.parse(concluded.stdout), { after: summary['after'], truth: summary['truth'] });
  t.notMatch(concluded.stderr, /step 1\/2/, 'a kill before the report costs no training');

  // What --force does to a run.
  await refuseForeign(join(out, 'run'), ownRunFolder);
  await removeOwn(join(out, 'run'), ownRunFolder);
  t.same(await readdir(join(out, 'run')), []);
});

test('--search-only stops before what needs Python', async (t) => {
  const out = join(t.testdir(), 'quickstart');
  const { exitCode, stderr } = await ssp(['quickstart', '--out', out, ...small, '--search-only']);
  t.equal(exitCode, 0, stderr);
  t.match(stderr, /Gold pages among the first 5 hits/);
  t.notMatch(stderr, /loading weights/);
  await t.rejects(stat(join(out, 'run')));
});
