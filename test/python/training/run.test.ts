import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import t, { test } from 'tap';

import {
  readEpisodes,
  readMetrics,
  readRunManifest,
  readTimings,
} from '../../../src/run/read-run.ts';
import { runFolder, stepName } from '../../../src/run/run-folder.ts';
import { readState } from '../../../src/training/run-writer.ts';
import { ssp } from '../../material/cli/ssp.ts';
import { skip } from '../../material/policy/served-policy.ts';
import { outcomeOf } from '../../material/training/run-outcome.ts';
import { makeWorld, writeRunConfig } from './world.ts';

t.setTimeout(900_000); // several runs, each starts PyTorch, on whatever machine this is

const entry = fileURLToPath(new URL('../../../src/cli/ssp.mjs', import.meta.url));

test('a run in the quickstart’s world', { skip }, async (t) => {
  const folder = t.testdir();
  const config = await writeRunConfig(folder, await makeWorld(folder));
  const first = join(folder, 'first');
  const train = (run: string, ...more: string[]) =>
    ssp(['train', '--config', config, '--run', run, ...more]);

  await t.test('plays, learns, validates and writes down what happened', async (t) => {
    const { exitCode, stderr } = await train(first);
    t.equal(exitCode, 0, stderr);
    t.match(stderr, /step 3\/3: valid \d+%/);
    const written = runFolder(first);
    const metrics = await readMetrics(written);
    t.same(
      metrics.map(({ step }) => step),
      [0, 1, 2, 3],
    );
    t.same(
      metrics.map(({ validation }) => validation?.questions ?? null),
      [6, null, 6, 6],
      'before the first, every second, after the last',
    );
    const { index, seeds } = await readRunManifest(written);
    t.match(index?.manifestHash, /^[0-9a-f]{64}$/);
    t.match(seeds?.hash, /^[0-9a-f]{64}$/);
    t.same(
      (await readTimings(written)).map(({ step }) => step),
      [0, 1, 2, 3],
    );
    const records = await readEpisodes(written, 1);
    t.equal(records.filter(({ proposal }) => proposal !== undefined).length, 6);
    const played = metrics.reduce((sum, { solver }) => sum + solver.episodes, 0);
    t.ok(played > 0, 'some questions were valid');
    for (const { updates } of metrics) {
      t.ok((updates.combined?.samplerGapMean ?? 0) < 1e-5, 'the sampler and the trainer agree');
    }
    t.same((await readdir(written.states)).length, 3, 'the newest three checkpoints stay');
    const scores = metrics.map(({ validation }) => validation?.exactMatch ?? -1);
    const exactMatch = Math.max(...scores);
    const { best } = await readState(written, 3);
    const top = { step: scores.indexOf(exactMatch), measure: 'exactMatch', score: exactMatch };
    t.same(best, top, 'the first of the best');
  });

  await t.test('twice gives the same metrics and episodes, byte for byte', async (t) => {
    const second = join(folder, 'second');
    t.equal((await train(second)).exitCode, 0);
    t.equal(await outcomeOf(second), await outcomeOf(first));
  });

  await t.test('killed at any moment and resumed gives them too', async (t) => {
    const killed = join(folder, 'killed');
    const wait = Math.round(Math.random() * 6000);
    const child = spawn(process.execPath, [entry, 'train', '--config', config, '--run', killed], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = once(child, 'exit');
    let stderr = '';
    child.stderr.on('data', (data) => (stderr += String(data)));
    while (!stderr.includes('step 0/3')) await sleep(20);
    await Promise.race([sleep(wait), ended]); // a fast machine may be done by then
    child.kill('SIGKILL');
    await ended;
    t.comment(`killed ${wait} ms after the first validation: ${stderr.trim().split('\n').at(-1)}`);
    const resumed = await ssp(['train', '--run', killed, '--resume']);
    t.equal(resumed.exitCode, 0, resumed.stderr);
    t.equal(await outcomeOf(killed), await outcomeOf(first));
  });

  await t.test('killed before its first checkpoint it begins anew', async (t) => {
    const early = runFolder(join(folder, 'early'));
    await mkdir(early.path);
    await cp(runFolder(first).config, early.config);
    const [line = ''] = (await readFile(runFolder(first).metrics, 'utf8')).split('\n');
    await writeFile(early.metrics, `${line}\n`);
    const resumed = await ssp(['train', '--run', early.path, '--resume']);
    t.equal(resumed.exitCode, 0, resumed.stderr);
    t.equal(await outcomeOf(early.path), await outcomeOf(first));
  });

  await t.test('a run is neither overwritten nor continued as another one', async (t) => {
    const again = await train(first);
    t.equal(again.exitCode, 2);
    t.match(again.stderr, /SSP_RUN_EXISTS/);
    const other = await train(first, '--resume', '--lr', '0.5');
    t.equal(other.exitCode, 2);
    t.match(other.stderr, /SSP_RUN_DIFFERS.*training\.lr was 0\.0002, is 0\.5/);
    const nothing = await train(join(folder, 'nothing'), '--resume');
    t.equal(nothing.exitCode, 2);
    t.match(nothing.stderr, /SSP_RUN_NOT_FOUND/);
    t.notOk(existsSync(join(folder, 'nothing')), 'and none is made');
  });

  await t.test('a damaged state is named, and an older one is gone on from', async (t) => {
    const damaged = join(folder, 'damaged');
    await cp(first, damaged, { recursive: true });
    const { states } = runFolder(damaged);
    await truncate(join(states, `${stepName(3)}.json`), 20);
    const newest = await train(damaged, '--resume');
    t.equal(newest.exitCode, 2);
    t.match(newest.stderr, /SSP_RUN_CHECKPOINT_DAMAGED: .*step 3 .*--resume-from 2/s);
    const older = await train(damaged, '--resume-from', '2');
    t.equal(older.exitCode, 0, older.stderr);
    t.equal(await outcomeOf(damaged), await outcomeOf(first));
    await rm(states, { recursive: true });
    const lost = await train(damaged, '--resume');
    t.equal(lost.exitCode, 2);
    t.match(lost.stderr, /SSP_RUN_NO_CHECKPOINT: .*metrics of 3 steps/);
    t.equal(await outcomeOf(damaged), await outcomeOf(first), 'nothing was deleted');
  });

  await t.test('a longer run goes on where the shorter one ended', async (t) => {
    const longer = await train(first, '--resume', '--steps', '4');
    t.equal(longer.exitCode, 0, longer.stderr);
    t.same(
      (await readMetrics(runFolder(first))).map(({ step }) => step),
      [0, 1, 2, 3, 4],
    );
  });
});

test('what a run cannot do without is said at once', async (t) => {
  const run = ['--run', join(t.testdir(), 'run')];
  for (const [args, problem] of [
    [[], /name the seeds/],
    [['--seeds', 'x'], /name an index/],
    [['--seeds', 'x', '--index', 'y'], /name the model/],
    [['--lr', 'fast'], /lr <value>.*Give a number/s],
    [['--lrr', '1'], /unknown option '--lrr'/],
  ] as const) {
    const { exitCode, stderr } = await ssp(['train', ...run, ...args]);
    t.equal(exitCode, 2);
    t.match(stderr, problem);
  }
});
