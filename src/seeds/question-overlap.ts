import { normalizeAnswer } from '../game/answer-score.ts';
import type { EvaluationSet } from './evaluation-answers.ts';

/** Where a question was met: the first evaluation question that shares words with it. */
export interface OverlappingQuestion {
  readonly set: string;
  readonly id: string;
}

/** Words in a row that two questions must share; 8 as in Llama 2 (arXiv 2307.09288, A.6) and others. */
const sharedWords = 8;

/**
 * A test whether a generated question overlaps with one of the evaluation sets: 8 words in a row are
 * the same after normalisation (src/game/answer-score.ts), or all words of a shorter one. Undefined
 * where it does not, and for a question without words.
 */
export function questionOverlap(
  sets: readonly EvaluationSet[],
): (question: string) => OverlappingQuestion | undefined {
  const places = new Map<string, OverlappingQuestion>();
  for (const { name, questions } of sets) {
    for (const { id, question } of questions) {
      for (const run of wordRuns(question)) {
        if (!places.has(run)) places.set(run, { set: name, id });
      }
    }
  }
  return (question) =>
    wordRuns(question)
      .map((run) => places.get(run))
      .find((place) => place !== undefined);
}

function wordRuns(question: string): string[] {
  const words = normalizeAnswer(question).split(' ');
  const runs = Math.max(words.length - sharedWords, 0) + 1;
  return words[0] === ''
    ? []
    : Array.from({ length: runs }, (_, at) => words.slice(at, at + sharedWords).join(' '));
}
