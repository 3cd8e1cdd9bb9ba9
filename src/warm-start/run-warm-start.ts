import { rm } from 'node:fs/promises';

import type { PolicyClient } from '../clients/policy/policy-client.ts';
import type { WarmStartConfig } from '../config/warm-start.ts';
import type { JobContext } from '../progress/progress.ts';
import { createRandom } from '../random/random.ts';
import { playEpisodes } from '../rollout/play-episode.ts';
import { policySampler } from '../rollout/sampler.ts';
import type { EpisodeRecord, Role } from '../types/episode.ts';
import type { Example } from './examples.ts';
import type { OracleParts } from './oracle.ts';
import { learnFrom, learningRateAt, meanLoss } from './supervised.ts';
import type { WarmStartFolder, WarmStartState } from './warm-start-folder.ts';

/** What a warm start is made of. */
export interface WarmStartParts {
  readonly folder: WarmStartFolder;
  readonly config: WarmStartConfig;
  readonly client: PolicyClient;
  /** What held-out episodes are played with. */
  readonly game: OracleParts;
  /** Also writes checkpoints with the adapter merged into the model, as an adapter is no start. */
  readonly merged: boolean;
  /** Before the names of checkpoints, at a service that others use too. */
  readonly prefix: string;
}

const first: Omit<WarmStartState, 'steps' | 'checkpoint'> = {
  formatVersion: 1,
  step: 0,
  losses: [],
};

/**
 * Learns from the examples that are not held out and measures on the others: their loss every
 * `measureSteps`, with a checkpoint, and at the end how the model plays them. Goes on from the last
 * checkpoint; the order of the examples is a function of the seed and the epoch. Throws the
 * SSP_POLICY_ errors, and the signal's reason once it is aborted.
 */
export async function runWarmStart(
  examples: readonly Example[],
  parts: WarmStartParts,
  context: JobContext,
): Promise<WarmStartState> {
  const { folder, config, client } = parts;
  const { progress, signal } = context;
  const learnt = examples.flatMap(({ heldOut, episode }) => (heldOut ? [] : [episode]));
  const heldOut = examples.flatMap(({ heldOut: isHeld, episode }) => (isHeld ? [episode] : []));
  const batches = batchesOf(learnt, config);
  let state = await resumed(parts, signal);
  if (state === undefined) {
    const loss = await heldOutLoss(heldOut, client, signal);
    progress.note(lossLine(0, batches.length, loss));
    state = await saved(
      { ...first, steps: batches.length, losses: [{ step: 0, heldOut: loss }] },
      parts,
      signal,
    );
  }
  const stage = progress.stage('learn', 'steps', batches.length - state.step);
  while (state.step < batches.length) {
    const end = Math.min(state.step + config.measureSteps, batches.length);
    for (const [i, batch] of batches.slice(state.step, end).entries()) {
      const learningRate = learningRateAt(state.step + i, config, batches.length);
      await learnFrom(batch, { learningRate, maxGradNorm: config.maxGradNorm }, client, signal);
      stage.add(1);
    }
    const loss = await heldOutLoss(heldOut, client, signal);
    progress.note(lossLine(end, batches.length, loss));
    const losses = [...state.losses, { step: end, heldOut: loss }];
    state = await saved({ ...state, step: end, losses }, parts, signal);
  }
  stage.end();
  if (state.played === undefined) {
    state = { ...state, played: await played(heldOut, parts, context) };
    await folder.writeState(state);
  }
  return state;
}

async function resumed(
  { folder, client }: WarmStartParts,
  signal: AbortSignal,
): Promise<WarmStartState | undefined> {
  const state = await folder.state();
  await client.zero(signal);
  if (state !== undefined) {
    const { name, hash } = state.checkpoint;
    await client.load(name, { hash, signal });
  }
  return state;
}

/** Writes a checkpoint, then the state that names it, then removes the one before. */
async function saved(
  state: Omit<WarmStartState, 'checkpoint'> & Partial<Pick<WarmStartState, 'checkpoint'>>,
  { folder, client, merged, prefix }: WarmStartParts,
  signal: AbortSignal,
): Promise<WarmStartState> {
  const name = `${prefix}warm-${String(state.step).padStart(6, '0')}`;
  const isLast = state.step === state.steps;
  const options = { merged: merged && isLast, overwrite: true };
  const { path, manifestHash: hash } = await client.save(name, options, signal);
  const next = { ...state, checkpoint: { name, path, hash } };
  await folder.writeState(next);
  const before = state.checkpoint?.path;
  if (before !== undefined && before !== path) await rm(before, { recursive: true, force: true });
  return next;
}

async function heldOutLoss(
  episodes: readonly EpisodeRecord[],
  client: PolicyClient,
  signal: AbortSignal,
): Promise<number | null> {
  return episodes.length === 0 ? null : meanLoss(episodes, client, signal);
}

function lossLine(step: number, steps: number, loss: number | null): string {
  const shown = loss === null ? 'nothing is held out' : `held-out loss ${loss.toFixed(3)}`;
  return `step ${step}/${steps}: ${shown}`;
}

/** The batches of all epochs, one after the other. */
function batchesOf(
  episodes: readonly EpisodeRecord[],
  { seed, epochs, batchEpisodes }: WarmStartConfig,
): EpisodeRecord[][] {
  return Array.from({ length: epochs }, (_, epoch) => {
    const order = createRandom(seed, 'epoch', epoch).shuffled(episodes);
    const count = Math.ceil(order.length / batchEpisodes);
    return Array.from({ length: count }, (__, i) =>
      order.slice(i * batchEpisodes, (i + 1) * batchEpisodes),
    );
  }).flat();
}

/** Lets the model play the first held-out episodes of each role, its likeliest token each time. */
async function played(
  heldOut: readonly EpisodeRecord[],
  { config, client, game }: WarmStartParts,
  { progress, signal }: JobContext,
): Promise<NonNullable<WarmStartState['played']>> {
  const { roles, playedEpisodes, maxConcurrent } = config;
  const sampler = policySampler(client, { temperature: 0 });
  const players = { sampler, searcher: game.searcher, tokenizer: game.chat.tokenizer };
  const results: Partial<Record<Role, NonNullable<WarmStartState['played']>[string]>> = {};
  for (const role of roles) {
    const prompts = heldOut.filter((one) => one.role === role).slice(0, playedEpisodes);
    const stage = progress.stage(`play, ${role}`, 'episodes', prompts.length);
    const tasks = prompts.map(({ prompt }) => ({
      ...{ prompt, seed: 0 },
      rules: { role, format: game.format, limits: game.limits[role] },
    }));
    const onEnd = (): void => {
      stage.add(1);
    };
    let problem: Error | undefined;
    const onFailure = (_: unknown, error: Error): void => {
      problem ??= error;
    };
    const records = await playEpisodes(tasks, players, { maxConcurrent, onEnd, onFailure }, signal);
    if (problem !== undefined) throw problem;
    stage.end();
    const turns = records.flatMap(({ steps }) => steps.filter((step) => step.kind === 'sampled'));
    results[role] = {
      episodes: records.length,
      answered: records.filter(({ outcome }) => outcome.kind === 'answered').length,
      turns: turns.length,
      wellFormed: turns.filter(({ action }) => action.kind !== 'none').length,
    };
  }
  return results;
}
