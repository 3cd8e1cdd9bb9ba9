import { hasWords, isExactMatch } from './answer-score.ts';

/** What a judge said of an answer; `failed` where it could not be asked or was not understood. */
export type JudgeResult = 'correct' | 'incorrect' | 'failed';

/**
 * Whether a judge, where one is configured, has to be asked: the match alone does not settle it. It
 * does where the answer has no word.
 */
export function needsJudge(answer: string | undefined, goldAnswers: readonly string[]): boolean {
  return answer !== undefined && hasWords(answer) && !isExactMatch(answer, goldAnswers);
}

/**
 * Whether an answer is right: by exact match first, then by the judge where one was asked; without a
 * judge the match alone decides. No answer, and one without a word, is incorrect. `failed` is no verdict at all.
 */
export function grade(
  answer: string | undefined,
  goldAnswers: readonly string[],
  judge?: JudgeResult,
): JudgeResult {
  if (answer === undefined || !hasWords(answer)) return 'incorrect';
  if (isExactMatch(answer, goldAnswers)) return 'correct';
  return judge ?? 'incorrect';
}
