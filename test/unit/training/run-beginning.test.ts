import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Test } from 'tap';
import { test } from 'tap';

import { beginningOf } from '../../../src/app/train/run-start.ts';
import { runContents } from '../../../src/run/run-contents.ts';
import type { RunFolder } from '../../../src/run/run-folder.ts';
import { episodesFile, runFolder } from '../../../src/run/run-folder.ts';
import {
  cutBack,
  initialState,
  makeRunFolders,
  writeState,
} from '../../../src/training/run-writer.ts';
import { testFolder } from '../../material/test-folder.ts';

const fresh = { resume: false };
const again = { resume: true };

/** A run with a configuration, metrics of the steps 0 to `last`, and episodes of those after 0. */
async function runOf(t: Test, last: number, states: readonly number[] = []): Promise<RunFolder> {
  const folder = runFolder(join(testFolder(t), 'run'));
  await makeRunFolders(folder);
  await writeFile(folder.config, '');
  const steps = Array.from({ length: last + 1 }, (_, step) => step);
  await writeFile(folder.metrics, steps.map((step) => `{"step":${step},"more":1}\n`).join(''));
  for (const step of steps.slice(1)) await writeFile(episodesFile(folder, step), '');
  for (const step of states) await writeState(folder, { ...initialState, step });
  return folder;
}

test('no start deletes finished steps: a run is there by its states, its metrics or its episodes', async (t) => {
  const whole = await runOf(t, 2, [0, 2]);
  await t.rejects(beginningOf(whole, fresh), {
    code: 'SSP_RUN_EXISTS',
    message: /metrics of 2 steps, episodes of 2 steps, states of the steps 0, 2/,
  });
  t.equal(await beginningOf(whole, again), Infinity);
  t.equal(await beginningOf(whole, { ...again, resumeFrom: 0 }), 0);
  await t.rejects(beginningOf(whole, { ...again, resumeFrom: 1 }), {
    code: 'SSP_USAGE',
    message: /has no state of step 1; there are 0, 2/,
  });
});

test('without states nothing goes on, and nothing begins where steps were finished', async (t) => {
  const lost = await runOf(t, 7);
  await mkdir(join(lost.checkpoints, 'step-000005'));
  const has = /it holds metrics of 7 steps, episodes of 7 steps, the checkpoints step-000005/;
  await t.rejects(beginningOf(lost, again), { code: 'SSP_RUN_NO_CHECKPOINT', message: has });
  await t.rejects(beginningOf(lost, fresh), { code: 'SSP_RUN_EXISTS' });
  await writeFile(lost.metrics, '');
  await t.rejects(beginningOf(lost, fresh), { code: 'SSP_RUN_EXISTS' }, 'by its episodes alone');
  t.equal((await readdir(lost.episodes)).length, 7);
});

test('a start that got to no step begins anew, with and without --resume', async (t) => {
  const early = await runOf(t, 0);
  t.equal(await beginningOf(early, fresh), 'new');
  t.equal(await beginningOf(early, again), 'new');
  const none = runFolder(join(early.path, 'none'));
  t.equal(await beginningOf(none, fresh), 'new');
  await t.rejects(beginningOf(none, again), { code: 'SSP_RUN_NOT_FOUND' });
});

test('a folder that cannot be listed is no folder without states', async (t) => {
  const folder = await runOf(t, 1, [1]);
  if (process.getuid?.() === 0) {
    await writeFile(join(folder.path, 'not-a-folder'), '');
    await t.rejects(runContents({ ...folder, states: join(folder.path, 'not-a-folder') }), {
      code: 'ENOTDIR',
    });
    return;
  }
  await chmod(folder.states, 0);
  t.teardown(() => chmod(folder.states, 0o755));
  await t.rejects(beginningOf(folder, fresh), { code: 'EACCES' });
});

test('cutting back keeps the bytes up to the step, damaged lines among them', async (t) => {
  const folder = await runOf(t, 4, [2, 4]);
  const lines = [
    '{"step":0}',
    '{"step":1,"cut',
    '{"step":2}',
    'damaged',
    '{"step":3}',
    '{"step":4}',
  ];
  await writeFile(folder.metrics, `${lines.join('\n')}\n{"step":5,"being writ`);
  await cutBack(folder, 2);
  t.equal(await readFile(folder.metrics, 'utf8'), `${lines.slice(0, 3).join('\n')}\n`);
  t.match(await runContents(folder), { states: [2], episodes: [1, 2], metrics: 2 });
  await cutBack(folder, -1);
  t.equal(await readFile(folder.metrics, 'utf8'), '');
});
