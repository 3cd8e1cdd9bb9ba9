import type { ChatFormat } from '../../chat/chat-format.ts';
import { openChatFormat } from '../../chat/chat-format.ts';
import type { PolicyClient } from '../../clients/policy/policy-client.ts';
import type { Config } from '../../config/schema.ts';
import type { SspError } from '../../errors/error.ts';
import { evaluateQuestions } from '../../evaluation/evaluate-questions.ts';
import { policySolver } from '../../evaluation/solver.ts';
import type { Judge } from '../../judge/judge.ts';
import type { JobContext, Progress } from '../../progress/progress.ts';
import { gameOptions } from '../../rollout/game-options.ts';
import { policySampler } from '../../rollout/sampler.ts';
import type { Searcher } from '../../rollout/searcher.ts';
import { searcherOf } from '../../rollout/searcher.ts';
import type { RunFolder } from '../../run/run-folder.ts';
import { Rollouts } from '../../training/rollouts.ts';
import type { TrainerParts } from '../../training/trainer.ts';
import type { EvaluationQuestion } from '../../types/evaluation.ts';
import type { SearchService } from '../../types/search-service.ts';
import { watchJudge } from '../watch-services.ts';
import type { RunInputs } from './run-inputs.ts';

/** What the parts of a trainer are made from. */
export interface PartsSource {
  readonly config: Config;
  readonly inputs: RunInputs;
  readonly folder: RunFolder;
  readonly client: PolicyClient;
  readonly checkpointPrefix: string;
  readonly search: SearchService;
  /** With the tokenizer and the chat template. */
  readonly modelFolder: string;
}

const frozenName = 'frozen';

/** Opens everything that a run needs besides its services. */
export async function trainerParts(
  { config, inputs, folder, client, checkpointPrefix, search, modelFolder }: PartsSource,
  { progress, signal }: JobContext,
): Promise<TrainerParts> {
  const { openJudge } = await import('../../judge/judge.ts');
  const { training, game } = config;
  const { seeds, questions, truthOf } = inputs;
  const chat = await openChatFormat(modelFolder);
  const searcher = searcherOf(search, game.topPassages);
  const onJudgeFailure = (error: SspError): void => {
    rollouts.noteFailure(error);
  };
  const watch = watchJudge(config.judge, { ...training, progress });
  const judge = openJudge(config.judge, process.env['SSP_JUDGE_TOKEN'], onJudgeFailure, watch);
  const rollouts = new Rollouts({
    game: gameOptions(game),
    ...{ chat, searcher, judge, maxConcurrent: training.maxConcurrent },
    samplers: await samplers(config, client, signal),
  });
  return {
    ...{ folder, config, seeds, client, checkpointPrefix, search, rollouts, truthOf },
    ...{ progress, signal },
    validate: validation(config, questions, { client, chat, searcher, judge }, progress),
  };
}

/** Who plays each role: the live policy where it learns, else the frozen weights. */
async function samplers(
  { training, game }: Config,
  client: PolicyClient,
  signal: AbortSignal,
): Promise<Rollouts['parts']['samplers']> {
  const { learners, frozenCheckpoint, verifierTemperature } = training;
  const frozen = frozenCheckpoint === undefined ? 'reference' : frozenName;
  if (learners !== 'both' && frozenCheckpoint !== undefined) {
    const known = await client.models(signal); // an earlier run may have left another checkpoint's
    if (known.includes(frozenName)) await client.dropSnapshot(frozenName, signal);
    await client.snapshot(frozenName, { checkpoint: frozenCheckpoint }, signal);
  }
  const { temperature, proposerTemperature = temperature } = game;
  const proposer = learners === 'solver' ? frozen : 'policy';
  const solver = learners === 'proposer' ? frozen : 'policy';
  return {
    proposer: policySampler(client, { model: proposer, temperature: proposerTemperature }),
    solver: policySampler(client, { model: solver, temperature }),
    verifier: policySampler(client, { model: solver, temperature: verifierTemperature }),
  };
}

interface Players {
  readonly client: PolicyClient;
  readonly chat: ChatFormat;
  readonly searcher: Searcher;
  readonly judge: Judge | undefined;
}

/** Scores the live policy on the questions; undefined where there are none. */
function validation(
  { training, game }: Config,
  questions: readonly EvaluationQuestion[] | undefined,
  { client, chat, searcher, judge }: Players,
  progress: Progress,
): TrainerParts['validate'] {
  if (questions === undefined) return undefined;
  const { seed, maxConcurrent, maxFailedShare } = training;
  const { format, limits } = gameOptions(game);
  const players = { solver: policySolver(client, chat), searcher, judge };
  const options = { format, limits, seed, maxConcurrent, maxFailedShare };
  return async (signal) => {
    const stage = progress.stage('validate', 'questions', questions.length);
    const onRecord = (): void => {
      stage.add(1);
    };
    return (await evaluateQuestions(questions, players, { ...options, onRecord }, signal)).scores;
  };
}
