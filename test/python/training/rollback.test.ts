import { join } from 'node:path';

import t, { test } from 'tap';

import { readEpisodes, readEvents, readMetrics } from '../../../src/run/read-run.ts';
import { runFolder } from '../../../src/run/run-folder.ts';
import { readState } from '../../../src/training/run-writer.ts';
import { ssp } from '../../material/cli/ssp.ts';
import { skip } from '../../material/policy/served-policy.ts';
import { makeWorld, writeRunConfig } from './world.ts';

t.setTimeout(600_000); // runs that start PyTorch, on whatever machine this is

test('an alarm goes back to before it began, then stops the run', { skip }, async (t) => {
  const folder = t.testdir();
  const world = await makeWorld(folder);
  const train = async (name: string, watch: object) => {
    const config = await writeRunConfig(folder, world, {
      // With a KL term every step scores its rollouts, whether their rewards differ or not.
      game: { proposerReward: 'format_only', formatPenalty: 0.5, verify: false },
      training: { steps: 4, validationSteps: 0, warmupSteps: 2, klCoefficient: 0.01 },
      watch: { ...watch },
    });
    const run = join(folder, name);
    return { run, ...(await ssp(['train', '--config', config, '--run', run])) };
  };
  const alarm = { min: 1.1, patience: 2, action: 'rollback' }; // no share is that high
  const { run, exitCode, stderr } = await train('watched', { validRate: alarm, maxRollbacks: 1 });
  t.equal(exitCode, 3, stderr);
  t.match(stderr, /rolled back to step 0; the learning rate is lowered/);
  t.match(stderr, /SSP_TRAINING_COLLAPSED: Stopped after step 2 .*validRate/);
  const metrics = await readMetrics(runFolder(run));
  t.same(
    metrics.map(({ step }) => step),
    [1, 2],
  );
  const rates = metrics.map(({ updates }) => updates.combined?.learningRate);
  t.same(rates, [0.00005, 0.0001], 'half of the configured one, and that after a warm-up');
  const event = { event: 'alarm', step: 2, measure: 'validRate', limit: 1.1, action: 'rollback' };
  t.match(await readEvents(runFolder(run)), [event, event], 'what went back is not forgotten');
  t.equal((await readState(runFolder(run), 0)).rollbacks, 1, 'nor by a kill before the next state');
  const plain = await train('plain', {});
  t.equal(plain.exitCode, 0, plain.stderr);
  const questions = async (path: string) =>
    (await readEpisodes(runFolder(path), 1)).map(({ question }) => question);
  t.notSame(await questions(run), await questions(plain.run), 'other chances after a rollback');
});
