import { normalizeAnswer } from '../game/answer-score.ts';
import type { EvaluationQuestion } from '../types/evaluation.ts';
import type { Seed } from '../types/seed.ts';

/** Questions that must not be trained on. */
export interface EvaluationSet {
  readonly name: string;
  readonly questions: readonly EvaluationQuestion[];
}

/** The golden answers of evaluation sets, normalised; those without a word are left out. */
export class EvaluationAnswers {
  readonly #sets: readonly { readonly name: string; readonly keys: ReadonlySet<string> }[];

  constructor(sets: readonly EvaluationSet[]) {
    this.#sets = sets.map(({ name, questions }) => ({
      name,
      keys: new Set(questions.flatMap(({ goldAnswers }) => keysOf(goldAnswers))),
    }));
  }

  /** The sets that have one of `answers` as a golden answer. */
  setsWith(answers: Iterable<string>): string[] {
    const keys = keysOf(answers);
    return this.#sets
      .filter((set) => keys.some((key) => set.keys.has(key)))
      .map(({ name }) => name);
  }

  /** Of a list of answers, how many each set has, and how many any of them has. */
  countOverlap(seeds: Iterable<Pick<Seed, 'answers'>>): AnswerOverlap {
    const bySet = Object.fromEntries(this.#sets.map(({ name }) => [name, 0]));
    let any = 0;
    for (const { answers } of seeds) {
      const sets = this.setsWith(answers);
      for (const name of sets) bySet[name] = (bySet[name] ?? 0) + 1;
      if (sets.length > 0) any += 1;
    }
    return { bySet, any };
  }
}

function keysOf(answers: Iterable<string>): string[] {
  return Array.from(answers, normalizeAnswer).filter((key) => key !== '');
}

export interface AnswerOverlap {
  readonly bySet: Readonly<Record<string, number>>;
  /** An answer in several sets counts once. */
  readonly any: number;
}
