import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import t, { test } from 'tap';

import { tinyPolicyFolder } from '../../../src/models/shipped.ts';
import { stateSteps } from '../../../src/run/run-contents.ts';
import { runFolder } from '../../../src/run/run-folder.ts';
import { readState } from '../../../src/training/run-writer.ts';
import type { CommandResult } from '../../material/cli/ssp.ts';
import { ssp } from '../../material/cli/ssp.ts';
import { servePolicy, skip } from '../../material/policy/served-policy.ts';
import { testFolder } from '../../material/test-folder.ts';
import { makeWorld, writeRunConfig } from './world.ts';

t.setTimeout(1_800_000); // a service that starts PyTorch and several runs, on whatever machine this is

/** The checkpoint that a run recorded for a step. */
async function checkpointOf(run: string, step: number) {
  const { checkpoint } = await readState(runFolder(run), step);
  if (checkpoint === null) throw new Error(`no checkpoint of step ${step}`);
  return checkpoint;
}

test('two runs and a copy share one policy service', { skip }, async (t) => {
  const folder = testFolder(t);
  const world = await makeWorld(folder);
  const service = await servePolicy(folder, tinyPolicyFolder, ['--full']);
  t.teardown(() => service.stop());
  const training = { steps: 3, validationSteps: 0, keepCheckpoints: 1, policyUrl: service.url };
  const config = await writeRunConfig(folder, world, { training });
  const train = (run: string, ...more: string[]): Promise<CommandResult> =>
    ssp(['train', '--config', config, '--run', run, ...more]);
  const [first, second, copy] = ['first', 'second', 'copy'].map((name) => join(folder, name));
  if (!first || !second || !copy) throw new Error('three runs');

  const begun = await train(first);
  t.match(begun, {
    exitCode: 0,
    stderr: /begins with the weights \S+ .*: those of its model folder/,
  });
  const other = await train(second);
  t.match(other, {
    exitCode: 0,
    stderr: /begins with the weights .*: TRAINED for \d+ steps already/,
  });
  const own = [await checkpointOf(first, 3), await checkpointOf(second, 3)];
  t.not(own[0]?.path, own[1]?.path, 'each has its own');
  const saved = await readdir(join(folder, 'checkpoints'));
  t.same(saved.sort(), own.map(({ name }) => name).sort(), 'and removed its older one');

  await cp(first, copy, { recursive: true });
  const more = await train(copy, '--resume', '--steps', '4');
  t.match(more, { exitCode: 0 }, more.stderr);
  t.ok(
    (await readdir(join(folder, 'checkpoints'))).includes(own[0]?.name ?? ''),
    'not the original',
  );
  t.match(await train(first, '--resume', '--steps', '4'), { exitCode: 0 });
  t.same(await stateSteps(runFolder(first)), [4]);

  const { path } = await checkpointOf(first, 4);
  await rm(path, { recursive: true });
  await cp((await checkpointOf(second, 3)).path, path, { recursive: true });
  t.match(
    await train(first, '--resume', '--steps', '5'),
    { exitCode: 2, stderr: /SSP_RUN_CHECKPOINT_DAMAGED.*step 4.*another one than is wanted/s },
    'foreign weights under its name',
  );
});
