import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Test } from 'tap';
import { parse } from 'yaml';

import type { Variant } from '../../../src/app/ablate.ts';
import { readVariants } from '../../../src/app/ablate.ts';
import { serveIndex } from '../../../src/app/search-service.ts';
import { runTraining } from '../../../src/app/train/run-training.ts';
import { PolicyClient } from '../../../src/clients/policy/policy-client.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { trainingSequence } from '../../../src/game/training-sequence.ts';
import { tinyPolicyFolder } from '../../../src/models/shipped.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { readEpisodes, readMetrics, readRunManifest } from '../../../src/run/read-run.ts';
import { runFolder } from '../../../src/run/run-folder.ts';
import type { EpisodeRecord } from '../../../src/types/episode.ts';
import type { RunningService } from '../../material/cli/running-service.ts';
import { servePolicy } from '../../material/policy/served-policy.ts';
import { testFolder } from '../../material/test-folder.ts';
import { seenInOneStep, variantChecks } from './variant-checks.ts';
import { makeWorld, writeRunConfig } from './world.ts';

const file = fileURLToPath(new URL('../../../src/config/presets/variants.yaml', import.meta.url));
const context = {
  signal: new AbortController().signal,
  progress: silentProgress,
  print: () => undefined,
};

/**
 * Trains those of the shipped variants for a step or two, by configuration alone, and looks at what each
 * of them changes. Two test files share them, to run side by side.
 */
export async function trainVariants(t: Test, isOne: (variant: Variant) => boolean): Promise<void> {
  const folder = testFolder(t);
  const world = await makeWorld(folder);
  const config = await writeRunConfig(folder, world, {
    training: { validationSteps: 0 },
  });
  const { service, ...rest } = await loadConfig(config);
  const free = { ...rest, service: { ...service, port: 0 } };
  const search = await serveIndex(world.index, free, context);
  await search.ready;
  t.teardown(() => search.stop());
  const names = Object.keys(parse(await readFile(file, 'utf8')) as object);
  const variants = (await readVariants(file, names)).filter((variant) => isOne(variant));
  t.ok(variants.length > 5);
  const policies = new Map<boolean, RunningService>();
  // One of the values that a variant names is the default: those variants are one run.
  const runs = new Map<string, string>();
  for (const { name, overrides } of variants) {
    const isFull = overrides['policy']?.['full'] !== false;
    const flags = [...(isFull ? ['--full'] : []), '--exact-sampling'];
    const policy = policies.get(isFull) ?? (await servePolicy(folder, tinyPolicyFolder, flags));
    if (!policies.has(isFull)) t.teardown(() => policy.stop());
    policies.set(isFull, policy);
    const steps = seenInOneStep.has(name) ? [1] : [1, 2];
    const training = {
      ...{ ...overrides['training'], steps: steps.length },
      ...{ searchUrl: search.url, policyUrl: policy.url },
    };
    const varied = await loadConfig(config, { ...overrides, training });
    const key = JSON.stringify(varied);
    const run = runs.get(key) ?? join(folder, name);
    if (!runs.has(key)) {
      const { step } = await runTraining({ run, resume: false, config: varied }, context);
      t.equal(step, steps.length, name);
      runs.set(key, run);
    }
    const written = runFolder(run);
    const metrics = await readMetrics(written);
    t.same(
      metrics.map((line) => line.step),
      steps,
      name,
    );
    const client = new PolicyClient({ url: policy.url });
    await t.test(`${name}: what it changes`, async (t) => {
      const check = variantChecks[name];
      t.ok(check, 'is named in variant-checks.ts');
      await check?.(t, {
        manifest: await readRunManifest(written),
        metrics,
        steps: await Promise.all(steps.map((each) => readEpisodes(written, each))),
        gapToReference: (episodes, temperature) => gapToReference(client, episodes, temperature),
      });
    });
    await client.close();
  }
  for (const policy of policies.values()) t.equal(await policy.stop(), 0);
}

async function gapToReference(
  client: PolicyClient,
  episodes: readonly EpisodeRecord[],
  temperature: number,
): Promise<number> {
  const sequences = episodes.map((episode) => trainingSequence(episode));
  const { samplerGap } = await client.logProbs({
    model: 'reference',
    sequences: sequences.map(({ tokens_T }) => tokens_T),
    sampled: sequences.map(({ logProbs_T }) => logProbs_T),
    temperature,
  });
  return samplerGap?.max ?? NaN;
}
