import type { ChatFormat } from '../../chat/chat-format.ts';
import { openChatFormat } from '../../chat/chat-format.ts';
import type { PolicyClient } from '../../clients/policy/policy-client.ts';
import type { Config } from '../../config/schema.ts';
import type { SspError } from '../../errors/error.ts';
import { evaluateQuestions } from '../../evaluation/evaluate-questions.ts';
import type { Judge } from '../../judge/judge.ts';
import type { JobContext, Progress } from '../../progress/progress.ts';
import { gameOptions } from '../../rollout/game-options.ts';
import type { Player } from '../../rollout/player.ts';
import { policyPlayer } from '../../rollout/player.ts';
import type { Searcher } from '../../rollout/searcher.ts';
import { searcherOf } from '../../rollout/searcher.ts';
import type { RunFolder } from '../../run/run-folder.ts';
import { GivenQuestions } from '../../training/given-questions.ts';
import { ProposedQuestions } from '../../training/proposed-questions.ts';
import type { QuestionSource } from '../../training/question-source.ts';
import { Rollouts } from '../../training/rollouts.ts';
import { ShuffledQueue } from '../../training/shuffled-queue.ts';
import type { TrainerParts } from '../../training/trainer.ts';
import type { SearchService } from '../../types/search-service.ts';
import type { Validation } from '../../types/step-metrics.ts';
import type { OutsidePlayer } from '../outside-player.ts';
import { watchJudge } from '../watch-services.ts';
import type { RunInputs, ValidationSet } from './run-inputs.ts';

/** What the parts of a trainer are made from. */
export interface PartsSource {
  readonly config: Config;
  readonly inputs: RunInputs;
  readonly folder: RunFolder;
  readonly client: PolicyClient;
  readonly checkpointPrefix: string;
  readonly search: SearchService;
  /** The server of the section `player`, where the configuration lets it play. */
  readonly outside: OutsidePlayer | undefined;
  /** With the tokenizer and the chat template. */
  readonly modelFolder: string;
}

const frozenName = 'frozen';

/** Opens everything that a run needs besides its services. */
export async function trainerParts(
  { config, inputs, folder, client, checkpointPrefix, search, outside, modelFolder }: PartsSource,
  { progress, signal }: JobContext,
): Promise<TrainerParts> {
  const { openJudge } = await import('../../judge/judge.ts');
  const { training, game } = config;
  const { source, validationSets, truthOf } = inputs;
  const chat = await openChatFormat(modelFolder);
  const searcher = searcherOf(search, game.topPassages);
  const validating = searcherOf(search, game.topPassages, { agent: 'validation' });
  const onJudgeFailure = (error: SspError): void => {
    rollouts.noteFailure(error);
  };
  const watch = watchJudge(config.judge, { ...training, progress });
  const judge = openJudge(config.judge, process.env['SSP_JUDGE_TOKEN'], onJudgeFailure, watch);
  const rollouts = new Rollouts({
    game: gameOptions(game),
    ...{ searcher, judge, maxConcurrent: training.maxConcurrent },
    players: await players(config, { client, chat, outside }, signal),
  });
  return {
    ...{ folder, config, client, checkpointPrefix, search, rollouts, truthOf },
    ...{ progress, signal },
    openQuestions: (drawn) => openQuestions(source, training.seed, drawn),
    validate: validation(
      config,
      validationSets,
      { client, chat, searcher: validating, judge },
      progress,
    ),
  };
}

/** The questions of a run after so many draws, in an order that its seed decides. */
function openQuestions(source: RunInputs['source'], seed: number, drawn: number): QuestionSource {
  switch (source.kind) {
    case 'seeds':
      return new ProposedQuestions(new ShuffledQueue(source.seeds, seed, 'seeds', drawn));
    case 'questions':
      return new GivenQuestions(new ShuffledQueue(source.questions, seed, 'questions', drawn));
  }
}

/**
 * Who plays each role: the live policy where it learns, else the frozen weights or another server. The
 * verifier is the solver unless the configuration names the server.
 */
async function players(
  { training, game }: Config,
  { client, chat, outside }: Pick<PartsSource, 'client' | 'outside'> & { chat: ChatFormat },
  signal: AbortSignal,
): Promise<Rollouts['parts']['players']> {
  const { learners, frozenCheckpoint, frozenPlayer, verifierTemperature } = training;
  const frozen = frozenCheckpoint === undefined ? 'reference' : frozenName;
  if (learners !== 'both' && frozenCheckpoint !== undefined) {
    const known = await client.models(signal); // an earlier run may have left another checkpoint's
    if (known.includes(frozenName)) await client.dropSnapshot(frozenName, signal);
    await client.snapshot(frozenName, { checkpoint: frozenCheckpoint }, signal);
  }
  const { temperature, proposerTemperature = temperature } = game;
  const proposer = learners === 'solver' ? frozen : 'policy';
  const solver = learners === 'proposer' ? frozen : 'policy';
  const play = (model: string, isServer: boolean, heat: number): Player =>
    isServer && outside !== undefined
      ? outside.at(heat)
      : policyPlayer(client, chat, { model, temperature: heat });
  const isServer = (model: string): boolean => frozenPlayer === 'server' && model === frozen;
  return {
    proposer: play(proposer, isServer(proposer), proposerTemperature),
    solver: play(solver, isServer(solver), temperature),
    verifier: play(solver, game.reader === 'server' || isServer(solver), verifierTemperature),
  };
}

interface Players {
  readonly client: PolicyClient;
  readonly chat: ChatFormat;
  readonly searcher: Searcher;
  readonly judge: Judge | undefined;
}

/**
 * Scores the live policy on the sets, one after the other; undefined where there are none. A judge that
 * fails leaves its share out, not the validation.
 */
function validation(
  { training, game }: Config,
  [first, ...further]: readonly ValidationSet[],
  { client, chat, searcher, judge }: Players,
  progress: Progress,
): TrainerParts['validate'] {
  if (first === undefined) return undefined;
  const { seed, maxConcurrent, maxFailedShare } = training;
  const { format, limits, endsSpoiledTurns } = gameOptions(game);
  const solver = policyPlayer(client, chat, { temperature: 0 });
  const players = { solver, searcher, judge };
  const options = {
    format,
    limits: limits.solver,
    endsSpoiledTurns,
    seed,
    maxConcurrent,
    maxFailedShare,
  };
  const score = async ({ name, questions }: ValidationSet, signal: AbortSignal) => {
    const what = further.length === 0 ? 'validate' : `validate on ${name}`;
    const stage = progress.stage(what, 'questions', questions.length);
    const onRecord = (): void => {
      stage.add(1);
    };
    const asked = { ...options, needsVerdicts: false, onRecord };
    return (await evaluateQuestions(questions, players, asked, signal)).scores;
  };
  return async (signal) => {
    const validation = await score(first, signal);
    if (further.length === 0) return { validation };
    const others: [string, Validation][] = [];
    for (const set of further) others.push([set.name, await score(set, signal)]);
    return { validation, furtherValidation: Object.fromEntries(others) };
  };
}
