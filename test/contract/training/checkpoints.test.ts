import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Test } from 'tap';
import { test } from 'tap';

import { PolicyClient } from '../../../src/clients/policy/policy-client.ts';
import { stateSteps } from '../../../src/run/run-contents.ts';
import { runFolder, stepName } from '../../../src/run/run-folder.ts';
import { Checkpoints } from '../../../src/training/checkpoints.ts';
import type { TrainerState } from '../../../src/training/run-writer.ts';
import { initialState, makeRunFolders } from '../../../src/training/run-writer.ts';
import { faultyService } from '../clients/faulty-service.ts';

const { signal } = new AbortController();

/** Checkpoints of a new run, `keep` of them, at a service that says it has saved steps 1, 2, 2, ... */
async function checkpointsOf(t: Test, keep: number) {
  const folder = runFolder(t.testdir());
  await makeRunFolders(folder);
  const weights = [1, 2].map((step) => join(folder.checkpoints, stepName(step)));
  const [first, second] = weights.map((path) => {
    const json = { path, bytes: 1, files: 1, manifest_sha256: 'abc' };
    return { status: 200, json };
  });
  if (first === undefined || second === undefined) throw new Error('two steps');
  const service = await faultyService(t, [first, second]);
  const client = new PolicyClient({ url: service.url });
  t.teardown(() => client.close());
  const checkpoints = new Checkpoints(folder, client, keep);
  const save = (step: number, more: Partial<TrainerState> = {}) =>
    checkpoints.save({ ...initialState, step, ...more }, signal);
  return { folder, weights, checkpoints, save, arrived: service.arrived };
}

test('the newest stay, the best, and the one from before an alarm began', async (t) => {
  const { folder, save } = await checkpointsOf(t, 2);
  const best = { step: 2, measure: 'exactMatch', score: 0.5 } as const;
  for (const step of [0, 2, 4]) await save(step, { best });
  t.same(await stateSteps(folder), [2, 4]);
  for (const step of [6, 8]) await save(step, { best });
  t.same(await stateSteps(folder), [2, 6, 8], 'the best beside the two newest');
  // Past its limit in steps 9 and 10: step 8 was the last good one.
  await save(10, { streaks: { entropy: 2 } });
  await save(12, { streaks: { entropy: 4 } });
  t.same(await stateSteps(folder), [8, 10, 12]);
  await save(14, { streaks: { entropy: 6 } });
  t.same(await stateSteps(folder), [8, 12, 14]);
  await save(16);
  t.same(await stateSteps(folder), [14, 16], 'the alarm is over');
});

test('the weights of a removed checkpoint go too, no others', async (t) => {
  const { weights, save } = await checkpointsOf(t, 1);
  for (const path of weights) await mkdir(path);
  await save(1);
  await save(2);
  const [first = '', second = ''] = weights;
  await t.rejects(access(first), { code: 'ENOENT' });
  await t.resolves(access(second));
});

test('a checkpoint that is not whole is named, with the older one to go on from', async (t) => {
  const { folder, checkpoints, save } = await checkpointsOf(t, 9);
  for (const step of [0, 3, 6]) await save(step);
  await writeFile(join(folder.states, `${stepName(6)}.json`), '{"formatVersion":1,"step":6,"dra');
  await t.rejects(checkpoints.load(Infinity, signal), {
    code: 'SSP_RUN_CHECKPOINT_DAMAGED',
    message: /step 6 .*step-000006\.json/s,
    remedy: /--resume-from 3/,
  });
  t.match(await checkpoints.load(3, signal), { step: 3 });
  const refused = await faultyService(t, [
    { status: 200, json: {} },
    {
      status: 409,
      json: { code: 'SSP_POLICY_CHECKPOINT_DAMAGED', message: 'state.json is cut.', remedy: '' },
    },
  ]);
  const client = new PolicyClient({ url: refused.url });
  t.teardown(() => client.close());
  await t.rejects(new Checkpoints(folder, client, 9).load(0, signal), {
    code: 'SSP_RUN_CHECKPOINT_DAMAGED',
    message: /step 0 .*state\.json is cut/,
    remedy: /there is no older one/,
  });
});

test('the newest checkpoint up to a step is loaded, with an empty gradient', async (t) => {
  const { checkpoints, save, arrived } = await checkpointsOf(t, 9);
  await t.rejects(checkpoints.load(Infinity, signal), { code: 'SSP_RUN_NO_CHECKPOINT' });
  for (const step of [0, 3, 6]) await save(step, { drawnSeeds: 10 * step });
  for (const [upTo, step] of [
    [Infinity, 6],
    [6, 6],
    [5, 3],
  ] as const) {
    const before = arrived.length;
    t.match(await checkpoints.load(upTo, signal), { step, drawnSeeds: 10 * step });
    t.same(
      arrived.slice(before).map(({ path, body }) => [path, body['name'], body['manifest_sha256']]),
      [
        ['/v1/training/zero', undefined, undefined],
        ['/v1/training/load', stepName(step), 'abc'],
      ],
      'the weights that were saved, and no others of that name',
    );
  }
});
