import { defineErrors } from './entry.ts';

/** The trainer. */
export const trainingErrors = defineErrors({
  SSP_RUN_EXISTS: {
    message: '{path} already holds a run.',
    remedy: 'Continue it with --resume, or choose another --run folder.',
    status: 409,
    exitCode: 2,
  },
  SSP_RUN_IN_USE: {
    message: 'Another command, process {pid}, works in {path}.',
    remedy: 'Wait for its end or stop it, or choose another folder.',
    status: 409,
    exitCode: 2,
  },
  SSP_RUN_DIFFERS: {
    message: 'The run in {path} was made with another {what}: {problem}',
    remedy: 'Resume with the same one, or begin a new run in another --run folder.',
    status: 409,
    exitCode: 2,
  },
  SSP_RUN_NO_CHECKPOINT: {
    message: 'The run in {path} has no whole checkpoint to go on from.',
    remedy: 'Begin a new run in another --run folder.',
    status: 409,
    exitCode: 2,
  },
  SSP_TRAINING_CONTEXT: {
    message:
      'Episodes of up to {needed} tokens do not fit the model, which takes {context} at once.',
    remedy: 'Lower game.maxPromptTokens or game.maxResponseTokens, or take another model.',
    status: 400,
    exitCode: 2,
  },
  SSP_TRAINING_FAILURES: {
    message:
      'Step {step}: {failed} of {episodes} episodes failed ({kinds}), more than the share {limit}; the first: {problem}',
    remedy: 'Bring the service back, then --resume: no reward was given, the step is made anew.',
    status: 503,
    exitCode: 3,
  },
  SSP_TRAINING_WEIGHTS_CHANGED: {
    message: 'The policy service has the weights {found}; this run left it with {expected}.',
    remedy:
      'Another program trains the same service, or it was restarted; --resume loads the last checkpoint.',
    status: 409,
    exitCode: 3,
  },
  SSP_TRAINING_COLLAPSED: {
    message:
      'Stopped after step {step} by the collapse watch: {measure} is {value}, limit {limit}.',
    remedy:
      'Look at `ssp report`; change the configuration, or the limit in the section watch, and begin anew.',
    status: 409,
    exitCode: 3,
  },
});
