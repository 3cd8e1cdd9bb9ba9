import { existsSync } from 'node:fs';

import type { PolicyClient } from '../../clients/policy/policy-client.ts';
import type { Config } from '../../config/schema.ts';
import { SspError } from '../../errors/error.ts';
import type { JobContext } from '../../progress/progress.ts';
import { formatOf } from '../../rollout/game-formats.ts';
import { eachEpisode, readRunManifest } from '../../run/read-run.ts';
import { contentsText, runContents } from '../../run/run-contents.ts';
import type { RunFolder } from '../../run/run-folder.ts';
import { runFolder, withRunLock } from '../../run/run-folder.ts';
import { createFolder } from '../../storage/create-folder.ts';
import { hashOfValue } from '../../storage/hash.ts';
import type { RunManifest } from '../../types/run.ts';
import type { SearchService } from '../../types/search-service.ts';
import { modelFolder } from '../policy-process.ts';
import { checkContext, withPolicy } from '../policy-service.ts';
import { checkPlayedModel } from '../train/check-played-model.ts';
import type { RunInputs } from '../train/run-inputs.ts';
import { readRunInputs, sourceFacts } from '../train/run-inputs.ts';
import { checkMaterial, withRunSearch } from '../train/run-search.ts';
import {
  checkSameConfig,
  newManifest,
  sameManifest,
  withWholePaths,
  writeRunStart,
} from '../train/run-start.ts';
import { trainerParts } from '../train/trainer-parts.ts';
import type { RolloutRequest } from './as-training.ts';
import { asTraining } from './as-training.ts';
import { openSteps, playSteps, stepsOf } from './play-steps.ts';
import type { RolloutCounts } from './rollout-counts.ts';
import { addCounts, countRollouts, noRollouts } from './rollout-counts.ts';

/** The rollouts of one folder. */
interface RolloutJob {
  readonly folder: RunFolder;
  /** As of a training. */
  readonly config: Config;
  readonly inputs: RunInputs;
}

/**
 * Plays every question or seed in one role and keeps the episodes in the folder `out`, which is read
 * as that of a run; the same request goes on where an earlier one was broken off. Throws SSP_USAGE for
 * what is missing, SSP_RUN_EXISTS where `out` holds a training, SSP_RUN_DIFFERS for rollouts with other
 * settings, SSP_RUN_IN_USE, SSP_ROLLOUT_FAILURES, SSP_INTERRUPTED, and what reading, searching and the
 * policy service throw.
 */
export async function rollout(
  request: RolloutRequest,
  context: JobContext,
): Promise<RolloutCounts> {
  const config = await withWholePaths(asTraining(request));
  const folder = runFolder(request.out);
  await refuseTraining(folder);
  await checkPlayedModel(config);
  const inputs = await readRunInputs(config);
  return withRunLock(request.out, async () => {
    const job = { folder, config, inputs };
    if (existsSync(folder.config)) await checkBegun(job);
    const steps = stepsOf(inputs.source, config);
    const open = await openSteps(folder, steps);
    if (open.length < steps) context.progress.note(keptText(steps, open.length));
    if (open.length > 0) await playOpen(open, job, context);
    return countAll(folder, steps);
  });
}

async function refuseTraining(folder: RunFolder): Promise<void> {
  const contents = await runContents(folder);
  if (contents.states.length === 0 && contents.metrics === 0) return;
  throw new SspError('SSP_RUN_EXISTS', { path: folder.path, has: contentsText(contents) });
}

function keptText(steps: number, open: number): string {
  return `${steps - open} of ${steps} steps are played already`;
}

/** Throws SSP_RUN_DIFFERS where the folder's rollouts were begun with anything else. */
async function checkBegun({ folder, config, inputs }: RolloutJob): Promise<void> {
  await checkSameConfig(folder, config, ['rollout']);
  const { model, index } = await readRunManifest(folder);
  await sameManifest(folder, manifestOf({ config, inputs }, model, index));
}

async function playOpen(open: readonly number[], job: RolloutJob, context: JobContext) {
  const { folder, config, inputs } = job;
  const { policyUrl: url, patienceSeconds } = config.training;
  try {
    await withRunSearch({ config, run: folder.path }, context, async (search) => {
      await checkMaterial(config, inputs, search, context);
      await createFolder(folder.episodes);
      const place = { url, patienceSeconds, checkpoints: folder.checkpoints };
      await withPolicy(config.policy, place, context, (client, signal) =>
        playWith(open, job, { search, client }, { ...context, signal }),
      );
    });
  } catch (error) {
    if (!context.signal.aborted) throw error;
    const left = (await openSteps(folder, stepsOf(inputs.source, config))).length;
    const progress = `${left} steps of the rollouts in ${folder.path} are to be played.`;
    const resume = 'it plays them; what is written is kept.';
    throw new SspError('SSP_INTERRUPTED', { progress, resume }, { cause: error });
  }
}

async function playWith(
  open: readonly number[],
  { folder, config, inputs }: RolloutJob,
  { search, client }: { readonly search: SearchService; readonly client: PolicyClient },
  context: JobContext,
): Promise<void> {
  const { signal } = context;
  await client.ready(() => undefined, signal);
  const model = await client.facts(signal);
  checkContext(config, model, config.game.verify && config.game.reader === 'policy');
  await begin({ folder, config, inputs }, model, (await search.indexFacts(signal)) ?? null);
  const { rollouts } = await trainerParts(
    {
      ...{ config, inputs, folder, client, search, outside: undefined, checkpointPrefix: '' },
      modelFolder: await modelFolder(config.policy.model, context),
    },
    context,
  );
  const { source, truthOf } = inputs;
  await playSteps(open, { config, source, truthOf, folder, rollouts }, context);
}

/** Writes what the rollouts are made with, or holds it against what is written. */
async function begin(
  { folder, config, inputs }: RolloutJob,
  model: RunManifest['model'],
  index: RunManifest['index'],
): Promise<void> {
  const now = manifestOf({ config, inputs }, model, index);
  if (!existsSync(folder.config)) return writeRunStart(folder, config, now);
  const before = await sameManifest(folder, now);
  const [was, is] = [before.model, model].map((one) => JSON.stringify(one['weights_version']));
  if (was === is) return;
  const problem = `the policy service had the weights ${was}, has ${is}.`;
  throw new SspError('SSP_RUN_DIFFERS', { path: folder.path, what: 'model', problem });
}

function manifestOf(
  { config, inputs }: Pick<RolloutJob, 'config' | 'inputs'>,
  model: RunManifest['model'],
  index: RunManifest['index'],
): RunManifest {
  const prompts = hashOfValue(formatOf(config.game));
  return newManifest({ model, index, prompts, ...sourceFacts(config.training, inputs.source) });
}

/** Of all steps, read one after the other. */
async function countAll(folder: RunFolder, steps: number): Promise<RolloutCounts> {
  let counts = noRollouts;
  for (let step = 1; step <= steps; step += 1) {
    for await (const record of eachEpisode(folder, step)) {
      counts = addCounts(counts, countRollouts([record]));
    }
  }
  return counts;
}
