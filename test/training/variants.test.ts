import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import t, { test } from 'tap';
import { parse } from 'yaml';

import { runTraining } from '../../src/cli/training/run-training.ts';
import { startSearch } from '../../src/cli/training/services.ts';
import { readVariants } from '../../src/cli/training/variants.ts';
import { loadConfig } from '../../src/config/load.ts';
import { silentProgress } from '../../src/progress/progress.ts';
import { readMetrics } from '../../src/run/read-run.ts';
import { runFolder } from '../../src/run/run-folder.ts';
import { tinyPolicyFolder } from '../../src/tiny-policy/folder.ts';
import type { RunningService } from '../cli/running-service.ts';
import { servePolicy, skip } from '../policy/served-policy.ts';
import { makeWorld, writeRunConfig } from './world.ts';

t.setTimeout(900_000); // some twenty short runs, on whatever machine this is

const file = fileURLToPath(new URL('../../src/config/presets/variants.yaml', import.meta.url));
const context = {
  signal: new AbortController().signal,
  progress: silentProgress,
  print: () => undefined,
};

test('each variant of the paper runs three steps by configuration alone', { skip }, async (t) => {
  const folder = t.testdir();
  const world = await makeWorld(folder);
  const config = await writeRunConfig(folder, world, { training: { validationSteps: 0 } });
  const search = await startSearch(world.index, await loadConfig(config));
  const variants = await readVariants(
    file,
    Object.keys(parse(await readFile(file, 'utf8')) as object),
  );
  const services = new Map<boolean, RunningService>();
  for (const { name, overrides } of variants) {
    const isFull = overrides['policy']?.['full'] !== false;
    const flags = [...(isFull ? ['--full'] : []), '--exact-sampling'];
    const service = services.get(isFull) ?? (await servePolicy(folder, tinyPolicyFolder, flags));
    services.set(isFull, service);
    const training = { ...overrides['training'], searchUrl: search.url, policyUrl: service.url };
    const run = join(folder, name);
    const request = {
      run,
      resume: false,
      config: await loadConfig(config, { ...overrides, training }),
    };
    const { step } = await runTraining(request, context);
    const metrics = await readMetrics(runFolder(run));
    t.equal(step, 3, name);
    t.same(
      metrics.map((line) => line.step),
      [1, 2, 3],
      name,
    );
    const trained = metrics.flatMap(({ updates }) => Object.keys(updates));
    if (name === 'separate-updates') t.notOk(trained.includes('combined'));
    if (name === 'no-verification') t.ok(metrics.every(({ verifier }) => verifier === null));
    const proposals = metrics.map(({ proposer }) => proposer.episodes);
    if (name === 'grpo-grpo') t.same(proposals, [30, 30, 30]);
  }
  for (const service of services.values()) t.equal(await service.stop(), 0);
  await search.stop();
});
