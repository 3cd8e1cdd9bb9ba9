import { z } from 'zod';

/** A valid question with all forms of its answer. */
const playedQuestionSchema = z
  .strictObject({
    question: z.string().min(1),
    answers: z.array(z.string().min(1)).min(1).readonly(),
    /** Mean reward of the solver's attempts when it was last played. */
    successRate: z.number().min(0).max(1),
  })
  .readonly();
export type PlayedQuestion = z.output<typeof playedQuestionSchema>;

/** Earlier valid questions, in the order of their last play; it goes into checkpoints as it is. */
export const replayPoolSchema = z
  .strictObject({ questions: z.array(playedQuestionSchema).readonly() })
  .readonly();
export type ReplayPool = z.output<typeof replayPoolSchema>;
