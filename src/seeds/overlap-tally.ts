import { normalizeAnswer } from '../game/answer-score.ts';
import type { EvaluationOverlap, OverlapExample } from '../types/evaluation.ts';
import type { EvaluationSet } from './evaluation-answers.ts';
import { EvaluationAnswers } from './evaluation-answers.ts';

/** An accepted question of a run. */
interface GeneratedQuestion extends Pick<OverlapExample, 'step' | 'index' | 'question'> {
  readonly answers: readonly string[];
}

/** Examples that are kept of each set. */
const keptExamples = 5;

/** Counts, question by question, how far a run's accepted questions overlap with evaluation sets. */
export class OverlapTally {
  readonly #overlapsWith: (question: string) => OverlappingQuestion[];
  readonly #answers: EvaluationAnswers;
  readonly #sets: Map<string, { questions: number; answers: number; examples: OverlapExample[] }>;
  readonly #any = { questions: 0, answers: 0 };
  #accepted = 0;

  constructor(sets: readonly EvaluationSet[]) {
    this.#overlapsWith = questionOverlap(sets);
    this.#answers = new EvaluationAnswers(sets);
    this.#sets = new Map(
      sets.map(({ name }) => [name, { questions: 0, answers: 0, examples: [] }]),
    );
  }

  add(generated: GeneratedQuestion): void {
    const found = this.#overlapsWith(generated.question);
    const answered = this.#answers.setsWith(generated.answers);
    this.#accepted += 1;
    this.#any.questions += Number(found.length > 0);
    this.#any.answers += Number(answered.length > 0);
    for (const { set, id, question } of found) {
      const counts = this.#sets.get(set);
      if (counts === undefined) continue;
      counts.questions += 1;
      keepExample(counts.examples, generated, { id, question });
    }
    for (const set of answered) {
      const counts = this.#sets.get(set);
      if (counts !== undefined) counts.answers += 1;
    }
  }

  /** What was counted so far. */
  counted(): EvaluationOverlap {
    const sets = [...this.#sets].map(([set, { examples, ...counts }]) => ({
      ...{ set, ...counts },
      examples: [...examples],
    }));
    return { accepted: this.#accepted, sets, any: { ...this.#any } };
  }
}

function keepExample(
  examples: OverlapExample[],
  { step, index, question }: GeneratedQuestion,
  evaluated: OverlapExample['evaluated'],
): void {
  const isKnown = examples.some((example) => example.question === question);
  if (isKnown || examples.length >= keptExamples) return;
  examples.push({ step, index, question, evaluated });
}

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
