import { defineErrors } from './entry.ts';

/** Question sets and their evaluation. */
export const evaluationErrors = defineErrors({
  SSP_QUESTIONS_INVALID: {
    message: '{path}, line {line}: {problem}',
    remedy:
      'Correct the line; each is an object with id, question and golden_answers, as docs/evaluation.md says.',
    status: 400,
    exitCode: 2,
  },
  SSP_EVALUATION_FAILURES: {
    message:
      '{failed} of {questions} questions failed, more than the share of {maxFailedShare} that is allowed. The last failure: {problem}',
    remedy:
      'Bring the service back and run the same command again; questions that were answered are kept.',
    status: 503,
    exitCode: 3,
  },
  SSP_EVALUATION_DIFFERS: {
    message: '{path} holds an evaluation with another {what}: {found} there, {wanted} now.',
    remedy:
      'Choose another --out, or repeat the command with the settings of the one that is there.',
    status: 409,
    exitCode: 2,
  },
});
