import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { stringify } from 'yaml';

import type { QuickstartFolders } from '../../app/quickstart/stages.ts';
import {
  makeIndex,
  makeQuestions,
  quickstartFolders,
  trainingConfigOf,
} from '../../app/quickstart/stages.ts';
import type { ConfigOverrides } from '../../config/load.ts';
import { loadConfig } from '../../config/load.ts';
import { presetFile } from '../../config/presets.ts';
import type { Config } from '../../config/schema.ts';
import { tinyPolicyFolder } from '../../models/shipped.ts';
import type { JobContext } from '../../progress/progress.ts';
import { readProbe } from '../../run/read-run.ts';
import { runFolder } from '../../run/run-folder.ts';
import { runSsp } from '../../scripts/ssp-command.ts';
import { writeFileAtomic } from '../../storage/atomic-file.ts';
import { createFolder } from '../../storage/create-folder.ts';
import { readWarmStartState } from '../../warm-start/warm-start-folder.ts';

/** The world of the lessons: neither that of the experiment nor one that the shipped policy saw. */
const lessonSeed = 998;

/** What is proposed for. */
interface Answers {
  readonly name: string;
  /** Told where the format tells them. */
  readonly hops: readonly [least: number, most: number];
  readonly count: number;
  readonly seed: number;
}

/** And who plays. */
interface Lesson extends Answers {
  /** A solver that learnt from deep questions would have nothing left to learn. */
  readonly role: 'proposer' | 'both';
  /** Proposals for an answer, or the solver's attempts at a question where both play. */
  readonly attempts: number;
}
const lessons = {
  deep: { name: 'deep', hops: [2, 3], count: 1500, seed: 2, role: 'proposer', attempts: 1 },
  oneHop: { name: 'one-hop', hops: [1, 1], count: 500, seed: 1, role: 'both', attempts: 2 },
  fewDeep: { name: 'few-deep', hops: [2, 3], count: 200, seed: 3, role: 'proposer', attempts: 1 },
} as const satisfies Record<string, Lesson>;
const probed: Answers = { name: 'probe', hops: [1, 1], count: 400, seed: 4 };

/** Two warm starts: how to ask deep questions, and then not to. */
const skill = ['--epochs', '3', '--learning-rate', '0.0005'];
const habit = ['--epochs', '1', '--learning-rate', '0.0002'];

/**
 * Makes, below `out`, a policy that is able to ask questions of two searches and seldom does: the shipped
 * one proposes while the number of hops is told, learns from its valid proposals to do the same untold, and
 * then learns shortly from questions of one search with a few deep ones among them. Then measures what
 * depth pays it, and writes `config.yaml` and `arms.yaml` for `ssp ablate`. What is there already stays.
 */
export async function makeHabit(out: string, context: JobContext): Promise<void> {
  const config = await loadConfig(await presetFile('co-evolution'));
  await createFolder(out);
  const world = quickstartFolders(resolve(out, 'world'));
  await makeWorld(world, config, context);
  const lessonWorld = quickstartFolders(resolve(out, 'lessons'));
  const generate = { ...config.generate, seed: lessonSeed };
  await makeWorld(lessonWorld, { ...config, generate }, context);
  for (const lesson of Object.values(lessons)) await teach(lesson, lessonWorld, context);

  const learn = (
    name: string,
    model: string,
    from: readonly Lesson[],
    how: readonly string[],
  ): Promise<string> => {
    const episodes = from.flatMap((lesson) => ['--from', episodesOf(lesson, lessonWorld)]);
    const args = ['--index', lessonWorld.index, ...episodes, ...how];
    return warmStart(resolve(out, name), model, args, context);
  };
  const { deep, oneHop, fewDeep } = lessons;
  const skilled = await learn('skill', tinyPolicyFolder, [deep, oneHop], skill);
  const model = await learn('policy', skilled, [oneHop, fewDeep], habit);
  await probe(resolve(out, 'probe'), model, lessonWorld, context);
  const played = { ...config, policy: { ...config.policy, model } };
  const names = await writeExperiment(out, trainingConfigOf(world, played), skilled);
  context.progress.note(nextText(out, names));
}

async function makeWorld(
  folders: QuickstartFolders,
  config: Config,
  context: JobContext,
): Promise<void> {
  if (existsSync(folders.seeds)) return;
  await makeIndex(folders, config, context);
  await makeQuestions(folders, config, context);
}

/** Proposals, and the solver's attempts, of the shipped policy in its own format. */
async function teach(lesson: Lesson, world: QuickstartFolders, context: JobContext): Promise<void> {
  const seeds = await makeSeeds(lesson, world, context);
  // Colder than it will play: what is learnt from is to be valid more often, and true.
  const game = ['--game-format', 'tiny', '--game-proposer-temperature', '0.5'];
  const players = [...game, '--policy-model', tinyPolicyFolder];
  const how = ['--role', lesson.role, '--attempts', String(lesson.attempts)];
  const where = ['--index', world.index, '--seeds', seeds, ...factsOf(world)];
  const out = ['--out', episodesOf(lesson, world)];
  await runSsp(['rollout', '--preset', preset, ...players, ...where, ...how, ...out], context);
}

async function makeSeeds(
  { name, hops, count, seed }: Answers,
  { world, corpus }: QuickstartFolders,
  context: JobContext,
): Promise<string> {
  const seeds = join(world, `seeds-${name}.jsonl`);
  if (existsSync(seeds)) return seeds;
  const range = ['--min-hops', String(hops[0]), '--max-hops', String(hops[1])];
  const which = [...range, '--seed', String(seed), '--count', String(count)];
  await runSsp(
    ['seeds', '--preset', preset, '--corpus', corpus, ...which, '--out', seeds],
    context,
  );
  return seeds;
}

const preset = 'co-evolution';

function episodesOf({ name }: Lesson, { world }: QuickstartFolders): string {
  return join(world, `episodes-${name}`);
}

function factsOf({ world }: QuickstartFolders): string[] {
  return ['--facts', join(world, 'facts.jsonl')];
}

/** The model folder that it ends with. */
async function warmStart(
  out: string,
  model: string,
  args: readonly string[],
  context: JobContext,
): Promise<string> {
  const what = ['--policy-model', model, ...args, '--out', out];
  await runSsp(['warm-start', '--preset', preset, ...what], context);
  const state = await readWarmStartState(out);
  return join(state?.checkpoint.path ?? '', 'model');
}

/** The gate: there is no experiment where depth does not pay. Throws then. */
async function probe(
  out: string,
  model: string,
  world: QuickstartFolders,
  context: JobContext,
): Promise<void> {
  const seeds = await makeSeeds(probed, world, context);
  const where = ['--index', world.index, '--seeds', seeds, ...factsOf(world)];
  const how = ['--policy-model', model, '--attempts', '5', '--out', out];
  await runSsp(['probe', '--preset', preset, ...where, ...how], context);
  const result = await readProbe(runFolder(out));
  if (result?.deeperPays === true) return;
  throw new Error('Two searches pay this policy no more than one: the arms could show nothing.');
}

/** Writes the configuration and the arms, of which the one of a stronger proposer names a folder; their names. */
async function writeExperiment(out: string, config: Config, skilled: string): Promise<string[]> {
  const arms: Record<string, ConfigOverrides> = {
    full: {},
    'solver-only': { training: { learners: 'solver' } },
    'solver-only-skilled': {
      training: { learners: 'solver', frozenCheckpoint: resolve(skilled, '..') },
    },
    'proposer-only': { training: { learners: 'proposer' } },
    'shuffled-rewards': { training: { shuffleProposerRewards: true } },
  };
  await writeFileAtomic(join(out, 'config.yaml'), stringify(config));
  await writeFileAtomic(join(out, 'arms.yaml'), stringify(arms));
  return Object.keys(arms);
}

function nextText(out: string, arms: readonly string[]): string {
  const files = `--config ${join(out, 'config.yaml')} --variants-file ${join(out, 'arms.yaml')}`;
  const which = `--variants ${arms.join(',')} --seeds 11,12,13`;
  return `\nNext, the arms:\n$ npx ssp ablate ${files} ${which} --out ${join(out, 'arms')}`;
}
