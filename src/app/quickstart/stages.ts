import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { buildCorpus } from '../../../corpus/build-corpus.ts';
import { generateEncyclopedia } from '../../../corpus/fictional/generate.ts';
import type { Config } from '../../config/schema.ts';
import { isSspError, SspError } from '../../errors/error.ts';
import { readQuestionSet } from '../../evaluation/question-set.ts';
import { tinyPolicyFolder } from '../../models/shipped.ts';
import type { JobContext } from '../../progress/progress.ts';
import { stateSteps } from '../../run/run-contents.ts';
import { runFolder } from '../../run/run-folder.ts';
import { makeSeeds } from '../../seeds/make-seeds.ts';
import { writeFileAtomic } from '../../storage/atomic-file.ts';
import { buildIndexWith } from '../build-index.ts';
import { checkSameConfig, withWholePaths } from '../train/run-start.ts';

/** Where the quickstart puts what it makes, all below one folder. */
export interface QuickstartFolders {
  readonly world: string;
  readonly corpus: string;
  readonly index: string;
  readonly seeds: string;
  /** Questions that are never trained on. */
  readonly heldOut: string;
  /** The run directory. */
  readonly run: string;
  readonly summary: string;
  readonly report: string;
}

/** The folders below `out`. */
export function quickstartFolders(out: string): QuickstartFolders {
  return {
    world: join(out, 'world'),
    corpus: join(out, 'corpus'),
    index: join(out, 'index'),
    seeds: join(out, 'seeds.jsonl'),
    heldOut: join(out, 'held-out.jsonl'),
    run: join(out, 'run'),
    summary: join(out, 'summary.json'),
    report: join(out, 'report.html'),
  };
}

/** Makes the encyclopedia, its corpus and its index anew; an earlier quickstart's are replaced. */
export async function makeIndex(
  folders: QuickstartFolders,
  config: Config,
  { progress, signal }: JobContext,
): Promise<void> {
  const anew = { force: true, progress, signal };
  await generateEncyclopedia({ ...config.generate, ...anew, out: folders.world });
  await buildCorpus({
    ...{ ...anew, paths: [join(folders.world, 'dump.xml')], out: folders.corpus },
    ...{ config: config.corpus, restart: true },
  });
  const request = { corpus: folders.corpus, out: folders.index, force: true };
  await buildIndexWith(request, config, { progress, signal });
}

/** Takes the held-out questions from the world's, and makes seeds that ask for none of them. */
export async function makeQuestions(
  folders: QuickstartFolders,
  config: Config,
  { progress, signal }: JobContext,
): Promise<void> {
  const { training, seeds } = config;
  const perHop = Math.floor(training.validationQuestions / 3);
  await writeHeldOut(join(folders.world, 'questions.jsonl'), perHop, folders.heldOut);
  const { questions } = await readQuestionSet(folders.heldOut);
  await makeSeeds({
    ...{ corpus: folders.corpus, out: folders.seeds, force: true, config: seeds },
    ...{ exclude: [{ name: 'held-out', questions }], progress, signal },
  });
}

/** The configuration with the paths of the folders, as a run needs it. */
export function trainingConfigOf(folders: QuickstartFolders, config: Config): Config {
  return {
    ...config,
    policy: { ...config.policy, model: config.policy.model ?? tinyPolicyFolder },
    training: {
      ...config.training,
      ...{ seeds: folders.seeds, index: folders.index, validationSet: folders.heldOut },
      facts: join(folders.world, 'facts.jsonl'),
    },
  };
}

/**
 * Writes the first `perHop` questions of each number of hops: what the policy is scored on, before
 * and after. Gives their number. Their answers become no seeds.
 */
export async function writeHeldOut(
  questions: string,
  perHop: number,
  out: string,
): Promise<number> {
  const lines = (await readFile(questions, 'utf8')).split('\n').filter((line) => line !== '');
  const byHops = Map.groupBy(lines, (line) => (JSON.parse(line) as { hops: number }).hops);
  const chosen = [...byHops.values()].flatMap((group) => group.slice(0, perHop));
  await writeFileAtomic(out, chosen.map((line) => `${line}\n`).join(''));
  return chosen.length;
}

/** How far an earlier quickstart has got in these folders. */
export type QuickstartState = 'none' | 'begun' | 'trained' | 'finished';

/** What decides a quickstart beside what decides its training. */
const worldSections = ['generate', 'corpus', 'encoder', 'index', 'seeds'] as const;

/**
 * The state of the quickstart of this very configuration. Throws SSP_QUICKSTART_EXISTS where the
 * folders hold one of another.
 */
export async function quickstartState(
  { run, summary }: QuickstartFolders,
  config: Config,
): Promise<QuickstartState> {
  const folder = runFolder(run);
  const last = (await stateSteps(folder)).at(-1);
  if (last === undefined) return 'none';
  try {
    await checkSameConfig(folder, await withWholePaths(config), worldSections);
  } catch (error) {
    if (!isSspError(error, 'SSP_RUN_DIFFERS')) throw error;
    const problem = String(error.details['problem']);
    throw new SspError('SSP_QUICKSTART_EXISTS', { path: run, problem }, { cause: error });
  }
  if (last < config.training.steps) return 'begun';
  return existsSync(summary) ? 'finished' : 'trained';
}
