import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { stringify } from 'yaml';

import { loadConfig } from '../config/load.ts';
import type { JobContext } from '../progress/progress.ts';
import { runSsp } from '../scripts/ssp-command.ts';
import { writeFileAtomic } from '../storage/atomic-file.ts';
import { createFolder } from '../storage/create-folder.ts';
import { writeJsonLines } from '../storage/json-files.ts';
import type { EvaluationQuestion } from '../types/evaluation.ts';
import { readWarmStartState } from '../warm-start/warm-start-folder.ts';
import { makeModel } from './model.ts';
import { questionsWithinReach } from './questions.ts';

const preset = fileURLToPath(new URL('../config/presets/smollm2.yaml', import.meta.url));

/** The arms, each as what it adds to the configuration. */
export const armNames = ['questions', 'self-play', 'solver-only'] as const;
export type ArmName = (typeof armNames)[number];

/** What the demonstration is made of, and how far it goes. */
export interface RealModelRequest {
  /** Everything is made below it. */
  readonly out: string;
  /** Passages, as `ssp corpus import` reads them. */
  readonly corpus: string;
  /** Question sets. */
  readonly questions: readonly string[];
  readonly heldOut: number;
  readonly arms: readonly ArmName[];
  /** Run seeds of each arm. */
  readonly seeds: readonly number[];
  /** Steps of each run. */
  readonly steps: number;
}

/** Names below the output folder. */
const names = {
  model: 'model',
  corpus: 'corpus',
  index: 'index',
  questions: 'questions',
  train: 'questions/train.jsonl',
  heldOut: 'questions/held-out.jsonl',
  seeds: 'seeds.jsonl',
  warm: 'warm',
  config: 'config.yaml',
  arms: 'arms.yaml',
} as const;
type Folder = Readonly<Record<keyof typeof names, string>>;

/**
 * Everything from the model's package to the report, each stage where its result is not there yet, so
 * that the same call goes on with what was broken off. Throws what the stages throw.
 */
export async function runRealModel(request: RealModelRequest, context: JobContext): Promise<void> {
  const paths = Object.entries(names).map(([key, name]) => [key, resolve(request.out, name)]);
  const folder = Object.fromEntries(paths) as Folder;
  await createFolder(request.out);
  await makeModel('smollm2-135m', folder.model, context);
  await makeIndex(folder, request, context);
  await makeQuestions(folder, request, context);
  await runSsp(warmStartArguments(folder), context);
  await writeArms(folder, request);
  for (const arm of request.arms) await runSsp(armArguments(folder, request, arm), context);
}

async function makeIndex(
  { corpus, index }: Folder,
  request: RealModelRequest,
  context: JobContext,
): Promise<void> {
  if (!existsSync(join(corpus, 'manifest.json'))) {
    await runSsp(['corpus', 'import', request.corpus, '--out', corpus], context);
  }
  if (!existsSync(join(index, 'manifest.json'))) {
    await runSsp(
      ['index', 'build', '--corpus', corpus, '--modes', 'bm25', '--out', index],
      context,
    );
  }
}

async function makeQuestions(
  folder: Folder,
  { questions, heldOut }: RealModelRequest,
  context: JobContext,
): Promise<void> {
  if (!existsSync(folder.heldOut)) {
    await createFolder(folder.questions);
    const options = { heldOut, config: await loadConfig(preset) };
    const split = await questionsWithinReach(questions, folder.index, options, context);
    await writeJsonLines(folder.train, split.train.map(lineOf));
    await writeJsonLines(folder.heldOut, split.heldOut.map(lineOf));
    const { train, heldOut: others } = split;
    context.progress.note(`questions: ${train.length} to learn from, ${others.length} held out`);
  }
  if (!existsSync(folder.seeds)) {
    const { corpus, heldOut: exclude, seeds: out } = folder;
    const options = ['--corpus', corpus, '--exclude', exclude, '--config', preset, '--out', out];
    await runSsp(['seeds', ...options], context);
  }
}

function lineOf({ id, question, goldAnswers }: EvaluationQuestion): unknown {
  return { id, question, golden_answers: goldAnswers };
}

function warmStartArguments({ index, train, model, warm }: Folder): string[] {
  const what = ['--index', index, '--questions', train, '--policy-model', model];
  return ['warm-start', '--config', preset, ...what, '--out', warm];
}

/** The configuration that all arms begin with, and what each adds. */
async function writeArms(folder: Folder, { steps }: RealModelRequest): Promise<void> {
  const { index, train: questions, heldOut: validationSet, seeds } = folder;
  const config = await loadConfig(preset, {
    policy: { model: await warmModel(folder.warm) },
    training: { index, validationSet, steps, validationSteps: Math.min(steps, 10) },
  });
  // About one question in ten is valid.
  const proposals = 4;
  const arms: Record<ArmName, object> = {
    questions: { training: { questions: [questions] } },
    'self-play': { training: { seeds, proposals } },
    'solver-only': { training: { seeds, proposals, learners: 'solver' } },
  };
  await writeFileAtomic(folder.config, stringify(config));
  await writeFileAtomic(folder.arms, stringify(arms));
}

async function warmModel(warm: string): Promise<string> {
  const state = await readWarmStartState(warm);
  return join(state?.checkpoint.path ?? '', 'model');
}

function armArguments(
  { config, arms }: Folder,
  { out, seeds }: RealModelRequest,
  arm: ArmName,
): string[] {
  const which = ['--variants', arm, '--variants-file', arms, '--seeds', seeds.join(',')];
  return ['ablate', '--config', config, ...which, '--out', resolve(out, 'arms', arm)];
}
