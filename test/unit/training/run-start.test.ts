import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

import { test } from 'tap';

import {
  checkSameConfig,
  withWholePaths,
  writeRunStart,
} from '../../../src/app/train/run-start.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { runFolder } from '../../../src/run/run-folder.ts';
import type { RunManifest } from '../../../src/types/run.ts';
import { testFolder } from '../../material/test-folder.ts';

const manifest: RunManifest = {
  ...{ formatVersion: 1 as const, toolVersion: '0', machine: 'any', startedAt: 'today' },
  ...{ model: {}, index: null, seeds: { path: 'seeds.jsonl', count: 1, hash: 'a' } },
};

test('a run names its files by whole paths, and goes on under a shorter name of them', async (t) => {
  const folder = testFolder(t);
  const model = join(folder, 'model');
  await mkdir(model);
  const named = (seeds: string, modelName: string, lr = 1e-6) =>
    loadConfig(undefined, {
      training: { seeds, index: relative('.', join(folder, 'index')), lr },
      policy: { model: modelName },
    });
  const relativeConfig = await named(
    relative('.', join(folder, 'seeds.jsonl')),
    relative('.', model),
  );
  const run = runFolder(join(folder, 'run'));
  await writeRunStart(run, await withWholePaths(relativeConfig), manifest);
  const { training, policy } = await loadConfig(run.config);
  t.equal(training.seeds, join(folder, 'seeds.jsonl'));
  t.equal(training.index, join(folder, 'index'));
  t.equal(training.facts, undefined);
  t.equal(policy.model, model);

  await checkSameConfig(run, await withWholePaths(relativeConfig));
  // The seeds may have moved: their hash is checked beside.
  await checkSameConfig(run, await withWholePaths(await named('/elsewhere.jsonl', model)));
  await t.rejects(
    checkSameConfig(run, await withWholePaths(await named('/elsewhere.jsonl', model, 0.5))),
    { code: 'SSP_RUN_DIFFERS' },
  );
  t.equal((await withWholePaths(await named('a', 'Qwen/Qwen3-8B'))).policy.model, 'Qwen/Qwen3-8B');

  await mkdir(join(model, 'model'), { recursive: true });
  await writeFile(join(model, 'model', 'config.json'), '{}');
  const { policy: pinned } = await withWholePaths(await named('a', model));
  t.equal(pinned.model, join(model, 'model'), 'a checkpoint stands for its model');
});
