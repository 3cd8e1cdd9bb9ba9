import { normalizeAnswer } from '../game/answer-score.ts';
import type { EvaluationSet } from './evaluation-answers.ts';

/** An evaluation question that shares words with another one. */
export interface OverlappingQuestion {
  readonly set: string;
  readonly id: string;
  readonly question: string;
}

/** Words in a row that two questions must share; 8 as in Llama 2 (arXiv 2307.09288, A.6) and others. */
const sharedWords = 8;

/**
 * Finds the evaluation questions that a generated question overlaps with, the first one of each set:
 * 8 words in a row are the same after normalisation (src/game/answer-score.ts), or, where one has
 * fewer words, both are the same. None for a question without words.
 */
export function questionOverlap(
  sets: readonly EvaluationSet[],
): (question: string) => OverlappingQuestion[] {
  const placesOfSets = sets.map(placesOf);
  return (question) => {
    const runs = wordRuns(question);
    return placesOfSets.flatMap((places) => {
      const run = runs.find((each) => places.has(each));
      return run === undefined ? [] : (places.get(run) ?? []);
    });
  };
}

/** The first question of a set with each run of words. */
function placesOf({ name, questions }: EvaluationSet): Map<string, OverlappingQuestion> {
  const places = new Map<string, OverlappingQuestion>();
  for (const { id, question } of questions) {
    for (const run of wordRuns(question)) {
      if (!places.has(run)) places.set(run, { set: name, id, question });
    }
  }
  return places;
}

function wordRuns(question: string): string[] {
  const words = normalizeAnswer(question).split(' ');
  const runs = Math.max(words.length - sharedWords, 0) + 1;
  return words[0] === ''
    ? []
    : Array.from({ length: runs }, (_, at) => words.slice(at, at + sharedWords).join(' '));
}
