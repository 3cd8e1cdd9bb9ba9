import type { TrainingConfig } from '../../config/training.ts';
import { SspError } from '../../errors/error.ts';
import { readQuestionSet } from '../../evaluation/question-set.ts';
import { normalizeAnswer } from '../../game/answer-score.ts';
import { hashOfValue } from '../../storage/hash.ts';
import type { EvaluationQuestion } from '../../types/evaluation.ts';

/** The given questions of a run. */
export interface TrainingQuestions {
  readonly kind: 'questions';
  /** At least one, in the order of the files. */
  readonly questions: readonly EvaluationQuestion[];
  /** SHA-256 of the questions with their answers, in hex. */
  readonly hash: string;
  /** Questions of the files that stand in a validation set too, and are not trained on. */
  readonly leftOut: number;
}

/**
 * Reads the files of `training.questions` and leaves out what is asked in `heldOut` too, in the same
 * words after normalisation (src/game/answer-score.ts). Throws SSP_TRAINING_QUESTIONS where none is
 * left, and what readQuestionSet throws.
 */
export async function readTrainingQuestions(
  { questions: paths }: Pick<TrainingConfig, 'questions'>,
  heldOut: readonly EvaluationQuestion[],
): Promise<TrainingQuestions> {
  const all: EvaluationQuestion[] = [];
  for (const path of paths) all.push(...(await readQuestionSet(path)).questions);
  const held = new Set(heldOut.map(({ question }) => normalizeAnswer(question)));
  const questions = all.filter(({ question }) => !held.has(normalizeAnswer(question)));
  if (questions.length === 0) {
    throw new SspError('SSP_TRAINING_QUESTIONS', { count: all.length, paths: paths.join(', ') });
  }
  const asked = questions.map(({ question, goldAnswers }) => ({ question, goldAnswers }));
  const leftOut = all.length - questions.length;
  return { kind: 'questions', questions, hash: hashOfValue(asked), leftOut };
}
