import { basename } from 'node:path';

import { openQuestionCheck } from '../../../corpus/fictional/question-check.ts';
import type { Config } from '../../config/schema.ts';
import type { TrainingConfig } from '../../config/training.ts';
import { SspError } from '../../errors/error.ts';
import { drawQuestions, readQuestionSet } from '../../evaluation/question-set.ts';
import type { SeedFile } from '../../seeds/read-seeds.ts';
import { readSeeds } from '../../seeds/read-seeds.ts';
import type { TrainerParts } from '../../training/trainer.ts';
import type { EvaluationQuestion } from '../../types/evaluation.ts';
import type { RunManifest } from '../../types/run.ts';
import type { TrainingQuestions } from './training-questions.ts';
import { readTrainingQuestions } from './training-questions.ts';

/** Held-out questions under the name of their set. */
export interface ValidationSet {
  readonly name: string;
  readonly questions: readonly EvaluationQuestion[];
}

/** The answers that a proposer asks for. */
interface SeedInput extends SeedFile {
  readonly kind: 'seeds';
}

/** What a run reads from files. */
export interface RunInputs {
  /** What its questions come from. */
  readonly source: SeedInput | TrainingQuestions;
  /** The set that decides which checkpoint is best, then the further ones; none without a first. */
  readonly validationSets: readonly ValidationSet[];
  readonly truthOf: TrainerParts['truthOf'];
}

/**
 * Reads the files that `config` names, which comes before any service is started: a model takes
 * minutes to load. Throws SSP_USAGE for sets of one name, and what readSeeds, readTrainingQuestions,
 * readQuestionSet and truthReader throw.
 */
export async function readRunInputs({ training, seeds }: Config): Promise<RunInputs> {
  const { validationQuestions: count, seed } = training;
  const whole = await readValidationSets(training);
  const heldOut = whole.flatMap(({ questions }) => questions);
  return {
    source:
      training.questions.length > 0
        ? await readTrainingQuestions(training, heldOut)
        : { kind: 'seeds', ...(await readSeeds(training.seeds ?? '', { ...seeds, seed })) },
    validationSets: whole.map(({ name, questions }) => {
      return { name, questions: drawQuestions(questions, count, seed) };
    }),
    truthOf: await truthReader(training.facts),
  };
}

/** What the run's questions come from, for its manifest. */
export function sourceFacts(
  { seeds: path = '', questions: paths }: TrainingConfig,
  source: RunInputs['source'],
): Pick<RunManifest, 'seeds' | 'questions'> {
  const { hash } = source;
  return source.kind === 'seeds'
    ? { seeds: { path, count: source.seeds.length, hash } }
    : { questions: { paths, count: source.questions.length, hash } };
}

/** All questions of the sets. */
async function readValidationSets({
  validationSet,
  furtherValidationSets,
}: TrainingConfig): Promise<ValidationSet[]> {
  if (validationSet === undefined) return [];
  const sets: ValidationSet[] = [];
  for (const path of [validationSet, ...furtherValidationSets]) {
    const name = basename(path).replace(/\.jsonl(\.gz)?$/, '');
    if (sets.some((set) => set.name === name)) {
      const problem = `two validation sets have the name ${name}: rename one of the files`;
      throw new SspError('SSP_USAGE', { problem });
    }
    const { questions } = await readQuestionSet(path);
    sets.push({ name, questions });
  }
  return sets;
}

/**
 * Tells whether questions are right by the facts of a fictional world; undefined without a file of
 * facts. Throws what openQuestionCheck throws.
 */
async function truthReader(facts: string | undefined): Promise<TrainerParts['truthOf']> {
  if (facts === undefined) return undefined;
  const check = await openQuestionCheck(facts);
  return (question, answers) => check(question, answers).truth;
}
