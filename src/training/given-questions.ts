import type { EvaluationQuestion } from '../types/evaluation.ts';
import type { QuestionRecord, ReplayPool } from '../types/question-record.ts';
import type { QuestionBatch, QuestionSource } from './question-source.ts';
import type { StepContext } from './rollouts.ts';
import type { ShuffledQueue } from './shuffled-queue.ts';

/** A question to train on. */
type GivenQuestion = Pick<EvaluationQuestion, 'question' | 'goldAnswers'>;

type GivenQueue = Pick<ShuffledQueue<GivenQuestion>, 'take' | 'drawn'>;

/**
 * Training of the solver alone, on questions with known answers: `batchQuestions` of the queue are a
 * step. Nothing is proposed, verified or filled.
 */
export class GivenQuestions implements QuestionSource {
  readonly isProposed = false;
  readonly #queue: GivenQueue;

  constructor(queue: GivenQueue) {
    this.#queue = queue;
  }

  get drawn(): number {
    return this.#queue.drawn;
  }

  nextBatch(_: ReplayPool, { step, training }: StepContext): Promise<QuestionBatch> {
    const questions = this.#queue.take(training.batchQuestions);
    const records = questions.map(({ question, goldAnswers: answers }, index): QuestionRecord => {
      return { step, index, question, answers, place: 'given', attempts: [] };
    });
    return Promise.resolve({ records, dummies: 0 });
  }
}
