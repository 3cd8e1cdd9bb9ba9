import { execFileSync } from 'node:child_process';
import { realpath, stat } from 'node:fs/promises';
import { availableParallelism, cpus, hostname, totalmem } from 'node:os';
import { resolve } from 'node:path';

import { stringify } from 'yaml';

import { loadConfig } from '../../config/load.ts';
import type { Config, ConfigSection } from '../../config/schema.ts';
import { isClusterAddress, parseClusterAddress } from '../../elasticsearch/cluster-address.ts';
import { SspError } from '../../errors/error.ts';
import { findModel } from '../../models/trained-model.ts';
import { readRunManifest } from '../../run/read-run.ts';
import { contentsText, hasFinishedSteps, runContents, stateSteps } from '../../run/run-contents.ts';
import type { RunFolder } from '../../run/run-folder.ts';
import { writeFileAtomic, writeJsonAtomic } from '../../storage/atomic-file.ts';
import { createFolder } from '../../storage/create-folder.ts';
import { hashOf } from '../../storage/hash.ts';
import type { RunManifest } from '../../types/run.ts';
import { toolVersion } from '../../version.ts';
import { isCheckpointFolder } from './frozen-weights.ts';

/** What may change between a run and its continuation: it decides no token and no weight. */
const freeKeys: Readonly<Record<string, readonly string[]>> = {
  training: [
    'steps',
    'maxConcurrent',
    'maxFailedShare',
    'patienceSeconds',
    'checkpointSteps',
    'keepCheckpoints',
    'seeds',
    'questions',
    'index',
    'searchUrl',
    'policyUrl',
    'facts',
  ],
  rollout: ['maxConcurrent', 'maxFailedShare', 'patienceSeconds'],
};

/** The sections that decide what a run does. */
const bindingSections = ['game', 'training', 'judge', 'player', 'policy'] as const;

/** Whether a run was to go on, and from which step. */
export interface ResumeRequest {
  readonly resume: boolean;
  /** The step whose checkpoint is taken; the newest where it is undefined. */
  readonly resumeFrom?: number | undefined;
}

/**
 * The last step that a training may go on from, Infinity for the newest there is, or `new` where it
 * begins at the beginning. Nothing finished is ever begun anew: throws SSP_RUN_EXISTS for a run where
 * none was to go on, SSP_RUN_NOT_FOUND for none, SSP_RUN_NO_CHECKPOINT for one without states,
 * SSP_USAGE for a step without one.
 */
export async function beginningOf(
  folder: RunFolder,
  { resume, resumeFrom }: ResumeRequest,
): Promise<number | 'new'> {
  const contents = await runContents(folder);
  const { path } = folder;
  const has = contentsText(contents);
  if (!resume) {
    if (hasFinishedSteps(contents)) throw new SspError('SSP_RUN_EXISTS', { path, has });
    return 'new';
  }
  const { states, hasConfig } = contents;
  if (states.length === 0) {
    if (hasFinishedSteps(contents)) throw new SspError('SSP_RUN_NO_CHECKPOINT', { path, has });
    if (!hasConfig) throw new SspError('SSP_RUN_NOT_FOUND', { path });
    return 'new';
  }
  if (resumeFrom === undefined || states.includes(resumeFrom)) return resumeFrom ?? Infinity;
  const problem = `${path} has no state of step ${resumeFrom}; there are ${states.join(', ')}`;
  throw new SspError('SSP_USAGE', { problem });
}

/** Whether the folder holds a run that has got as far as its first checkpoint. */
export async function isRun(folder: RunFolder): Promise<boolean> {
  return (await stateSteps(folder)).length > 0;
}

/** The address of a cluster's index, which is kept with the run. Throws SSP_CLUSTER_ADDRESS. */
function withoutSecrets(address: string): string {
  parseClusterAddress(address);
  return address;
}

/** The same with whole paths of its files, so that a run goes on from any working folder. */
export async function withWholePaths(config: Config): Promise<Config> {
  const { training, policy, game } = config;
  const files = ['seeds', 'index', 'validationSet', 'facts'] as const;
  const paths: Partial<Record<(typeof files)[number], string>> = {};
  for (const key of files) {
    const path = training[key];
    if (path !== undefined)
      paths[key] = isClusterAddress(path) ? withoutSecrets(path) : resolve(path);
  }
  const { frozenCheckpoint } = training;
  const frozen =
    frozenCheckpoint === undefined || !isCheckpointFolder(frozenCheckpoint)
      ? {}
      : { frozenCheckpoint: resolve(frozenCheckpoint) };
  const prompts = game.prompts === undefined ? {} : { prompts: resolve(game.prompts) };
  const furtherValidationSets = training.furtherValidationSets.map((path) => resolve(path));
  const questions = training.questions.map((path) => resolve(path));
  const found = policy.model === undefined ? undefined : await findModel(policy.model);
  const model = found?.model;
  const adapter = policy.adapter ?? found?.adapter;
  const isFolder = model !== undefined && (await stat(model).catch(() => undefined)) !== undefined;
  return {
    ...config,
    game: { ...game, ...prompts },
    training: { ...training, ...paths, ...frozen, furtherValidationSets, questions },
    policy: {
      ...policy,
      ...(model !== undefined && { model: isFolder ? resolve(model) : model }),
      ...(adapter !== undefined && { adapter: resolve(adapter) }),
    },
  };
}

/**
 * What the checkpoints of a run are called by at a service that others use too: the same whenever
 * the run goes on, another one for its copy in another folder.
 */
export async function checkpointPrefix(
  { path }: RunFolder,
  { startedAt }: Pick<RunManifest, 'startedAt'>,
): Promise<string> {
  const identity = [startedAt, hostname(), await realpath(path)].join('\n');
  return `${hashOf(identity).slice(0, 8)}-`;
}

/** Writes the configuration, as it is resolved, and then what the run is made with. */
export async function writeRunStart(
  folder: RunFolder,
  config: Config,
  manifest: RunManifest,
): Promise<void> {
  await createFolder(folder.path);
  await writeJsonAtomic(folder.manifest, manifest);
  await writeFileAtomic(folder.config, stringify(config));
}

/**
 * The configuration of a run that is to go on, which must agree with `config` in all that decides
 * its course, and in the `further` sections. Throws SSP_RUN_DIFFERS with the first key that does not, SSP_FILE_NOT_FOUND for no run.
 */
export async function checkSameConfig(
  folder: RunFolder,
  config: Config,
  further: readonly ConfigSection[] = [],
): Promise<void> {
  const before = await withWholePaths(await loadConfig(folder.config));
  for (const section of [...bindingSections, ...further]) {
    const old: Record<string, unknown> = before[section];
    const now: Record<string, unknown> = config[section];
    for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
      if (freeKeys[section]?.includes(key)) continue;
      const [was, is] = [shown(old[key]), shown(now[key])];
      if (was === is) continue;
      const problem = `${section}.${key} was ${was}, is ${is}.`;
      throw new SspError('SSP_RUN_DIFFERS', { path: folder.path, what: 'configuration', problem });
    }
  }
}

function shown(value: unknown): string {
  return value === undefined ? 'not set' : JSON.stringify(value);
}

/**
 * The manifest of the run that goes on. Throws SSP_RUN_DIFFERS where seeds, training questions, prompts
 * or index are not those that it began with.
 */
export async function sameManifest(folder: RunFolder, manifest: RunManifest): Promise<RunManifest> {
  const before = await readRunManifest(folder);
  const differs = (what: string, was: string, is: string): void => {
    if (was === is) return;
    const problem = `its hash was ${was.slice(0, 12)}, is ${is.slice(0, 12)}.`;
    throw new SspError('SSP_RUN_DIFFERS', { path: folder.path, what, problem });
  };
  const none = 'none';
  differs('seeds file', before.seeds?.hash ?? none, manifest.seeds?.hash ?? none);
  const [was, is] = [before.questions?.hash ?? none, manifest.questions?.hash ?? none];
  differs('set of questions', was, is);
  const prompts = manifest.prompts ?? '';
  differs('set of prompts', before.prompts ?? prompts, prompts);
  differs('index', before.index?.manifestHash ?? none, manifest.index?.manifestHash ?? none);
  return before;
}

/** The manifest of a run that begins now on this machine. */
export function newManifest(
  found: Pick<RunManifest, 'model' | 'index' | 'prompts' | 'seeds' | 'questions'>,
  commit = currentCommit(),
): RunManifest {
  return {
    formatVersion: 1,
    toolVersion,
    ...(commit === undefined ? {} : { commit }),
    machine: machineText(),
    startedAt: new Date().toISOString(),
    ...found,
  };
}

/** `Intel Xeon, 2 cores, 24 GiB, Node v24.1.0` */
export function machineText(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  const cpu = cpus()[0]?.model.trim() ?? 'unknown CPU';
  return `${cpu}, ${availableParallelism()} cores, ${memory} GiB, Node ${process.version}`;
}

/** The commit of this checkout; undefined outside one. */
export function currentCommit(): string | undefined {
  try {
    const cwd = new URL('.', import.meta.url);
    const stdio = ['ignore', 'pipe', 'ignore'] as const;
    const args = ['rev-parse', '--short=12', 'HEAD'];
    return execFileSync('git', args, { encoding: 'utf8', cwd, stdio: [...stdio] }).trim();
  } catch {
    return undefined;
  }
}
