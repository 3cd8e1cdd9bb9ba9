import type { EvaluationOverlap, OverlapExample } from '../types/evaluation-overlap.ts';
import type { EvaluationSet } from './evaluation-answers.ts';
import { EvaluationAnswers } from './evaluation-answers.ts';
import type { OverlappingQuestion } from './question-overlap.ts';
import { questionOverlap } from './question-overlap.ts';

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
