import { openQuestionCheck } from '../../../corpus/fictional/question-check.ts';
import type { TrainerParts } from '../../training/trainer.ts';

/**
 * Tells whether questions are right by the facts of a fictional world; undefined without a file of
 * facts. Throws what openQuestionCheck throws.
 */
export async function truthReader(facts: string | undefined): Promise<TrainerParts['truthOf']> {
  if (facts === undefined) return undefined;
  const check = await openQuestionCheck(facts);
  return (question, answers) => check(question, answers).truth;
}
