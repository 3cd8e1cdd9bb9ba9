import type { Config } from '../../config/schema.ts';
import { SspError } from '../../errors/error.ts';
import { asPlayed } from '../train/check-inputs.ts';

/** What is to be played with what, and where it is kept. */
export interface RolloutRequest {
  readonly out: string;
  readonly config: Config;
  /** Question sets, for the solver. */
  readonly questions: readonly string[];
  /** A file of seeds, for the proposer. */
  readonly seeds?: string | undefined;
  readonly index?: string | undefined;
  readonly searchUrl?: string | undefined;
  /** A policy service that runs; without it one is started. */
  readonly policyUrl?: string | undefined;
}

/**
 * The configuration of the steps that are played, which are those of a training that learns nothing.
 * Throws SSP_USAGE for what is missing or does not go together.
 */
export function asTraining(request: RolloutRequest): Config {
  const { config, seeds, index, searchUrl, policyUrl } = request;
  const { role, attempts = config.game.attempts, facts } = config.rollout;
  checkRequest(request);
  const { seed, batchQuestions, maxConcurrent, maxFailedShare, patienceSeconds } = config.rollout;
  const { game } = config;
  const temperatures = temperaturesOf(config);
  for (const temperature of Object.values(temperatures)) checkChance(temperature, attempts);
  return asPlayed({
    ...config,
    game: { ...game, ...temperatures, attempts, fill: 'dummy' },
    training: {
      ...config.training,
      ...{ questions: [...request.questions], seeds, index, searchUrl, policyUrl, seed },
      ...{ batchQuestions, maxConcurrent, maxFailedShare, patienceSeconds },
      proposals: role === 'proposer' ? attempts : 1,
      ...{ learners: 'both', frozenPlayer: 'weights', frozenCheckpoint: undefined },
      ...{ validationSet: undefined, furtherValidationSets: [], facts },
    },
  });
}

/** Of the roles that play; one that is given is that of both. */
function temperaturesOf({ game, rollout: { role, temperature } }: Config) {
  const solver = { temperature: temperature ?? game.temperature };
  const proposer = {
    proposerTemperature: temperature ?? game.proposerTemperature ?? game.temperature,
  };
  if (role === 'solver') return solver;
  return role === 'proposer' ? proposer : { ...solver, ...proposer };
}

function checkRequest({ config, questions, seeds, index, searchUrl }: RolloutRequest): void {
  const { rollout, game, policy, judge } = config;
  const isSolver = rollout.role === 'solver';
  const reader = !isSolver && game.verify ? game.reader : undefined;
  const problem = [
    isSolver && questions.length === 0 && 'the solver plays questions: give --questions <file>',
    isSolver && seeds !== undefined && 'seeds are for the proposer: give --role proposer',
    !isSolver && seeds === undefined && 'the proposer plays seeds: give --seeds <file>',
    isSolver &&
      rollout.facts !== undefined &&
      'facts are for proposed questions, not for given ones',
    !isSolver && questions.length > 0 && 'questions are for the solver: give --role solver',
    (index === undefined) === (searchUrl === undefined) &&
      'give exactly one of --index and --search-url',
    policy.model === undefined && 'give --policy-model <folder or hub id>',
    reader === 'server' && 'game.reader is server, which does not read here: policy or judge does',
    reader === 'judge' &&
      judge.url === undefined &&
      'game.reader is judge, so name one: --judge-url and --judge-model',
  ].find((found) => found !== false);
  if (problem !== undefined) throw new SspError('SSP_USAGE', { problem });
}

function checkChance(temperature: number, attempts: number): void {
  if (temperature > 0 || attempts === 1) return;
  const problem = `${attempts} episodes at temperature 0 would all be the same: give --attempts 1 or a temperature`;
  throw new SspError('SSP_USAGE', { problem });
}
