import type { QuestionRecord, ReplayPool } from '../types/question-record.ts';
import type { StepContext } from './rollouts.ts';
import type { StepTimer } from './step-timer.ts';

/** The questions of a step, before the solver sees them. */
export interface QuestionBatch {
  /** All records of the step, by index; those with a place other than `none` are to be solved. */
  readonly records: readonly QuestionRecord[];
  /** Places of the solver's batch that nothing could fill. */
  readonly dummies: number;
}

/** Where the questions of a run come from. How many were drawn is its whole state. */
export interface QuestionSource {
  /** Whether there is a proposer who asks them. */
  readonly isProposed: boolean;
  /** Seeds or questions drawn so far. */
  readonly drawn: number;
  /** Throws the signal's reason once it is aborted. */
  nextBatch(pool: ReplayPool, context: StepContext, timer: StepTimer): Promise<QuestionBatch>;
}
