import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { test } from 'tap';

import { ssp } from '../../material/cli/ssp.ts';

const seeds = '{"ground_truth": "Titan", "search_turns": 2}\n';

test('a run directory takes one training at a time', async (t) => {
  // The process of the lock is this one, which lives.
  const folder = t.testdir({ 'seeds.jsonl': seeds, run: { '.lock': String(process.pid) } });
  const inputs = ['--seeds', join(folder, 'seeds.jsonl'), '--index', 'none'];
  const run = join(folder, 'run');
  const { exitCode, stderr } = await ssp(['train', '--run', run, ...inputs, '--policy-model', 'x']);
  t.equal(exitCode, 2);
  t.match(
    stderr,
    `error SSP_RUN_IN_USE: Another command, process ${process.pid} on ${hostname()}, works in ${run}.`,
  );
  t.ok(existsSync(join(run, '.lock')), 'the other one keeps it');
});

test('so does the folder of a quickstart', async (t) => {
  const out = t.testdir({ '.lock': String(process.pid) });
  const { exitCode, stderr } = await ssp(['quickstart', '--search-only', '--out', out]);
  t.equal(exitCode, 2);
  t.match(stderr, /error SSP_RUN_IN_USE/);
});

test('and the folder of an ablation', async (t) => {
  const out = t.testdir({ '.lock': String(process.pid), 'base.yaml': '' });
  const config = join(out, 'base.yaml');
  const { exitCode, stderr } = await ssp(['ablate', '--config', config, '--out', out]);
  t.equal(exitCode, 2);
  t.match(stderr, /error SSP_RUN_IN_USE/);
});

test('files that are not there are named before a service is started', async (t) => {
  const folder = t.testdir({ 'seeds.jsonl': seeds });
  const run = join(folder, 'run');
  const start = ['train', '--run', run, '--index', 'none', '--policy-model', 'none', '--seeds'];
  const noSeeds = await ssp([...start, join(folder, 'other.jsonl')]);
  t.match(noSeeds.stderr, /error SSP_FILE_NOT_FOUND: .*other\.jsonl/);
  const set = join(folder, 'questions.jsonl');
  const noSet = await ssp([...start, join(folder, 'seeds.jsonl'), '--validation-set', set]);
  t.equal(noSet.exitCode, 2);
  t.match(noSet.stderr, /error SSP_FILE_NOT_FOUND: .*questions\.jsonl/);
  t.notOk(existsSync(run), 'and nothing is made');
});
