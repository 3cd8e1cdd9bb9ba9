import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import t, { test } from 'tap';

import { ssp } from '../../material/cli/ssp.ts';
import { skip } from '../../material/policy/served-policy.ts';
import { makeWorld, writeRunConfig } from './world.ts';

t.setTimeout(600_000); // four runs, each starts PyTorch, on whatever machine this is

test('variants are trained once each and compared', { skip }, async (t) => {
  const folder = t.testdir();
  const config = await writeRunConfig(folder, await makeWorld(folder));
  const out = join(folder, 'ablations');
  const ablate = (...more: string[]) =>
    ssp(['ablate', '--config', config, '--out', out, '--seeds', '5', '--steps', '1', ...more]);
  const first = await ablate('--variants', 'full,no-verification');
  t.equal(first.exitCode, 0, first.stderr);
  t.match(first.stdout, /\| no-verification \| 1 \| \d\.\d{3} \| \d\.\d{3} \|/);
  const rows = JSON.parse(await readFile(join(out, 'ablations.json'), 'utf8')) as object[];
  t.match(rows, [
    { variant: 'full', seed: 5, steps: 1 },
    { variant: 'no-verification', seed: 5, steps: 1 },
  ]);
  const points = String.raw`-?\d+\.\d \(-?\d+\.\d to -?\d+\.\d\)`;
  t.match(first.stdout, /^\| full less \| seeds \| all questions \| of 2 hops and more \|$/m);
  t.match(first.stdout, new RegExp(String.raw`^\| no-verification \| 1 \| ${points} \|`, 'm'));
  t.match(await readFile(join(out, 'report.html'), 'utf8'), /no-verification-seed5/);
  const made = await stat(join(out, 'full-seed5', 'run.json'));

  const again = await ablate('--variants', 'full,no-verification');
  t.equal(again.exitCode, 0, again.stderr);
  t.notMatch(again.stderr, /ready: /, 'no policy service was started');
  t.equal((await stat(join(out, 'full-seed5', 'run.json'))).mtimeMs, made.mtimeMs);
  t.equal(again.stdout, first.stdout);
});

test('what the collapse watch stopped stays stopped until asked otherwise', { skip }, async (t) => {
  const folder = t.testdir({
    // No share is that low: the watch stops the run after its first step.
    'stops.yaml': 'stops:\n  watch: { validRate: { max: -1, patience: 1, action: stop } }\n',
  });
  const config = await writeRunConfig(folder, await makeWorld(folder));
  const out = join(folder, 'ablations');
  const file = join(folder, 'stops.yaml');
  const ablate = (...more: string[]) =>
    ssp([
      ...['ablate', '--config', config, '--out', out, '--variants-file', file],
      ...['--variants', 'stops', '--seeds', '5', '--steps', '2', ...more],
    ]);
  const rows = async () =>
    JSON.parse(await readFile(join(out, 'ablations.json'), 'utf8')) as object;
  const first = await ablate();
  t.equal(first.exitCode, 0, first.stderr);
  const stopped = /^Stopped after step 1 by the collapse watch: validRate is [\d.]+, limit -1/;
  t.match(await rows(), [{ variant: 'stops', seed: 5, steps: 1, stopped }]);
  t.match(first.stdout, /^- stops, seed 5: Stopped after step 1 /m);

  const again = await ablate();
  t.equal(again.exitCode, 0, again.stderr);
  t.notMatch(again.stderr, /ready: /, 'no policy service was started');
  t.match(await rows(), [{ steps: 1, stopped }]);
  t.equal(again.stdout, first.stdout);

  const asked = await ablate('--continue-stopped');
  t.equal(asked.exitCode, 0, asked.stderr);
  t.match(await rows(), [{ steps: 2, stopped: /^Stopped after step 2 / }]);
  const last = await ablate('--continue-stopped');
  t.notMatch(last.stderr, /ready: /, 'it has all its steps');
  t.equal(last.stdout, asked.stdout);
});

test('bad lists are refused before anything starts', async (t) => {
  const base = ['ablate', '--config', 'none.yaml', '--out', join(t.testdir(), 'out')];
  for (const [args, problem] of [
    [['--variants', 'full,full'], /stands twice/],
    [['--variants', 'fulll'], /no variant fulll; the nearest is full/],
    [['--seeds', '1,x'], /whole number/],
    [['--variants', 'full'], /no configuration file at none\.yaml/],
  ] as const) {
    const { exitCode, stderr } = await ssp([...base, ...args]);
    t.equal(exitCode, 2);
    t.match(stderr, problem);
  }
});
