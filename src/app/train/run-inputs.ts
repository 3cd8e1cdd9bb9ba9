import { openQuestionCheck } from '../../../corpus/fictional/question-check.ts';
import type { Config } from '../../config/schema.ts';
import { drawQuestions, readQuestionSet } from '../../evaluation/question-set.ts';
import type { SeedFile } from '../../seeds/read-seeds.ts';
import { readSeeds } from '../../seeds/read-seeds.ts';
import type { TrainerParts } from '../../training/trainer.ts';
import type { EvaluationQuestion } from '../../types/evaluation.ts';

/** What a run reads from files. */
export interface RunInputs extends SeedFile {
  /** Drawn from the validation set; undefined where the configuration names none. */
  readonly questions: readonly EvaluationQuestion[] | undefined;
  readonly truthOf: TrainerParts['truthOf'];
}

/**
 * Reads the files that `config` names, which comes before any service is started: a model takes
 * minutes to load. Throws what readSeeds, readQuestionSet and truthReader throw.
 */
export async function readRunInputs({ training, seeds }: Config): Promise<RunInputs> {
  const { validationSet, validationQuestions, seed, facts } = training;
  return {
    ...(await readSeeds(training.seeds ?? '', { ...seeds, seed })),
    questions:
      validationSet === undefined
        ? undefined
        : drawQuestions(
            (await readQuestionSet(validationSet)).questions,
            validationQuestions,
            seed,
          ),
    truthOf: await truthReader(facts),
  };
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
