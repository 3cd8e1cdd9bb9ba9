import type { Config } from '../../config/schema.ts';
import type { TrainingConfig } from '../../config/training.ts';
import { SspError } from '../../errors/error.ts';
import { isCheckpointFolder } from './frozen-weights.ts';

/** Throws SSP_USAGE for all that a run cannot do without and lacks, and all that does not go together. */
export function checkInputs(config: Config): void {
  const { training, policy, game, judge, player } = asPlayed(config);
  const { frozenCheckpoint } = training;
  const readsAsJudge = game.verify && game.reader === 'judge';
  const problems = [
    training.seeds === undefined &&
      training.questions.length === 0 &&
      'name the seeds: training.seeds, or `ssp train --seeds <file>`; or questions to train on: training.questions, --questions',
    training.questions.length > 0 && againstGivenQuestions(config.training),
    training.searchUrl === undefined &&
      training.index === undefined &&
      'name an index (training.index, --index) or a search service (training.searchUrl)',
    policy.model === undefined &&
      'name the model: policy.model, or `ssp train --policy-model <folder>`',
    readsAsJudge &&
      judge.url === undefined &&
      'game.reader is judge, so name one: judge.url and judge.model',
    letsServerPlay({ training, game }) &&
      (player.url === undefined || player.model === undefined) &&
      'a server is to play (training.frozenPlayer, game.reader), so name it: player.url and player.model',
    training.frozenPlayer === 'server' &&
      training.learners === 'both' &&
      'training.frozenPlayer is server, but both roles learn: name the one in training.learners',
    training.bestBy === 'judge' &&
      judge.url === undefined &&
      'training.bestBy is judge, so name one: judge.url and judge.model',
    training.validationSet === undefined &&
      training.furtherValidationSets.length > 0 &&
      'training.furtherValidationSets go with a first one: training.validationSet',
    frozenCheckpoint !== undefined &&
      training.learners === 'both' &&
      'training.frozenCheckpoint is set, but both roles learn: name the one in training.learners',
    /^step-\d+$/.test(frozenCheckpoint ?? '') &&
      `training.frozenCheckpoint is ${frozenCheckpoint}, a name under which a run writes its own: copy it to another`,
    training.policyUrl !== undefined &&
      isCheckpointFolder(frozenCheckpoint ?? '') &&
      `training.frozenCheckpoint is a folder, but the policy service at ${training.policyUrl} has its own: give the name of one there`,
    (game.temperature === 0 || game.proposerTemperature === 0) &&
      'a temperature of game is 0: all episodes would be the same',
  ].filter((found) => found !== false);
  if (problems.length === 0) return;
  throw new SspError('SSP_USAGE', { problem: problems.join('; ') });
}

/** What was asked for and makes no sense where questions are given. */
function againstGivenQuestions(training: TrainingConfig): string | false {
  const isAsked = [
    training.seeds !== undefined && 'training.seeds is set, for which a proposer asks',
    training.learners === 'proposer' && 'training.learners is proposer',
    training.proposals > 1 && `training.proposals is ${training.proposals}`,
    training.frozenPlayer === 'server' && 'training.frozenPlayer is server',
    training.frozenCheckpoint !== undefined && 'training.frozenCheckpoint is set',
    training.facts !== undefined && 'training.facts is set, which judges proposed questions',
  ].find((found) => found !== false);
  if (isAsked === undefined) return false;
  return `training.questions trains the solver on given questions, without a proposer, but ${isAsked}: leave one of the two out`;
}

/**
 * The configuration as it is played: on given questions the solver alone learns, and nothing is
 * verified.
 */
export function asPlayed(config: Config): Config {
  const { training, game } = config;
  if (training.questions.length === 0) return config;
  return {
    ...config,
    training: { ...training, learners: 'solver' },
    game: { ...game, verify: false },
  };
}

/** Whether a role or the verifier is played by the section `player`. */
export function letsServerPlay({ training, game }: Pick<Config, 'training' | 'game'>): boolean {
  return training.frozenPlayer === 'server' || (game.verify && game.reader === 'server');
}
