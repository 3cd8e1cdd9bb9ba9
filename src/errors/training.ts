import { defineErrors } from './entry.ts';

/** The trainer. */
export const trainingErrors = defineErrors({
  SSP_RUN_EXISTS: {
    message: '{path} already holds a run: {has}.',
    remedy: 'Continue a training with --resume, or choose another folder.',
    status: 409,
    exitCode: 2,
  },
  SSP_RUN_IN_USE: {
    message: 'Another command, process {pid} on {host}, works in {path}.',
    remedy:
      'Wait for its end or stop it, or choose another folder. Only where {host} is another machine on which it has died: remove the lock file {lock}.',
    status: 409,
    exitCode: 2,
  },
  SSP_RUN_DIFFERS: {
    message: 'The run in {path} was made with another {what}: {problem}',
    remedy: 'Go on with the same one, or begin anew in another folder.',
    status: 409,
    exitCode: 2,
  },
  SSP_RUN_NO_CHECKPOINT: {
    message: 'The run in {path} has no state to go on from; it holds {has}.',
    remedy:
      'Put its folder states back, or begin a new run in another --run folder. Nothing was deleted.',
    status: 409,
    exitCode: 2,
  },
  SSP_RUN_NOT_FOUND: {
    message: '{path} holds no run to go on with.',
    remedy: 'Name the folder of a run, or begin one there without --resume.',
    status: 404,
    exitCode: 2,
  },
  SSP_RUN_CHECKPOINT_DAMAGED: {
    message: 'The checkpoint of step {step} of the run in {path} cannot be taken up: {problem}',
    remedy: 'Put the file back, or go on from an older checkpoint: {offer} Nothing was deleted.',
    status: 409,
    exitCode: 2,
  },
  SSP_QUICKSTART_EXISTS: {
    message: '{path} holds the run of a quickstart with another configuration: {problem}',
    remedy: 'Choose another --out, or replace that run with --force.',
    status: 409,
    exitCode: 2,
  },
  SSP_TRAINING_CONTEXT: {
    message:
      'Episodes of up to {needed} tokens ({keys}) do not fit the model, which takes {context} at once.',
    remedy: 'Lower these two keys, or take another model.',
    status: 400,
    exitCode: 2,
  },
  SSP_PROMPT_TOO_LONG: {
    message:
      'The prompt of the {role} takes {needed} tokens before a question or passages stand in it; {key} is {limit}.',
    remedy:
      'Raise that key, as far as the model takes it, or shorten the prompt: game.prompts names a file of your own.',
    status: 400,
    exitCode: 2,
  },
  SSP_TRAINING_MATERIAL: {
    message:
      'The verifier could not read its material: {passages} passages, those of {searches} searches and their noise, take about {needed} tokens; the limit is {limit}.',
    remedy:
      'Raise game.verifierMaxPromptTokens, as far as the model takes it, or lower game.noise, game.topPassages or the hops of the seeds.',
    status: 400,
    exitCode: 2,
  },
  SSP_TRAINING_QUESTIONS: {
    message:
      'No question is left to train on: all {count} of {paths} stand in a validation set too.',
    remedy:
      'Give other questions (training.questions), or other ones to validate on (training.validationSet).',
    status: 400,
    exitCode: 2,
  },
  SSP_WARM_START_EMPTY: {
    message: 'No episode of {roles} could be shown: nothing that was given led to one.',
    remedy:
      'Give more questions (--questions), answers (--seeds) or recorded episodes (--from), an index that holds them, or leave the role out with --roles.',
    status: 400,
    exitCode: 2,
  },
  SSP_WARM_START_DIFFERS: {
    message: '{path} holds a warm start with other settings: {problem}.',
    remedy: 'Go on with the same settings, or choose another --out folder.',
    status: 409,
    exitCode: 2,
  },
  SSP_TRAINING_DISK: {
    message:
      'The {count} checkpoints of {each} that the run keeps and writes do not fit on the disk of the policy service: {needed}, of which {free} are free.',
    remedy: 'Free some space, lower training.keepCheckpoints, or put the run on another disk.',
    status: 507,
    exitCode: 3,
  },
  SSP_TRAINING_FAILURES: {
    message:
      'Step {step}: {failed} of {episodes} episodes failed ({kinds}), more than the share {limit}; the first: {problem}',
    remedy: 'Bring the service back, then --resume: no reward was given, the step is made anew.',
    status: 503,
    exitCode: 3,
  },
  SSP_ROLLOUT_FAILURES: {
    message:
      'Step {step}: {failed} of {episodes} episodes failed, more than the share {limit}; the first: {problem}',
    remedy:
      'Bring the service back and run the same command again: the steps before are kept, this one is played anew.',
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

/** Seeds of self-play: the answers that the proposer starts from. */
export const seedsErrors = defineErrors({
  SSP_SEEDS_INVALID: {
    message: 'Line {line} of {path} is no seed: {problem}',
    remedy:
      'Give JSON lines with ground_truth (a text or a list) and search_turns, or a plain list with one answer a line. See docs/seeds.md.',
    status: 400,
    exitCode: 2,
  },
});
