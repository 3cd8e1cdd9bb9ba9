import { cp, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from 'tap';

import type { PolicyClient } from '../../../src/clients/policy/policy-client.ts';
import { runFolder, stepName } from '../../../src/run/run-folder.ts';
import { Checkpoints } from '../../../src/training/checkpoints.ts';
import { initialState, makeRunFolders } from '../../../src/training/run-writer.ts';
const { signal } = new AbortController();
const unused = () => Promise.reject(new Error('is not called'));

/** Saves steps in the run at `path`, two of them kept, the weights in its own folder. */
async function saveSteps(path: string, steps: readonly number[]): Promise<void> {
  const folder = runFolder(path);
  await makeRunFolders(folder);
  const save: PolicyClient['save'] = async (name) => {
    const weights = join(folder.checkpoints, name);
    await mkdir(weights);
    return { path: weights, bytes: 0, manifestHash: '' };
  };
  const checkpoints = new Checkpoints(folder, { save, load: unused, zero: unused }, 2);
  for (const step of steps) await checkpoints.save({ ...initialState, step }, signal);
}

test('a copied run that goes on takes nothing from the run it was copied from', async (t) => {
  const parent = t.testdir({});
  const [run, copy] = [join(parent, 'run'), join(parent, 'copy')];
  await saveSteps(run, [0, 1]);
  await cp(run, copy, { recursive: true });
  await saveSteps(copy, [2, 3]);
  const weights = async (path: string) => (await readdir(join(path, 'checkpoints'))).toSorted();
  t.same(await weights(copy), [2, 3].map(stepName));
  t.same(await weights(run), [0, 1].map(stepName));
});
