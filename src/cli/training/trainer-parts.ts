import type { Config } from '../../config/schema.ts';
import { openChatFormat } from '../../policy/chat-format.ts';
import type { PolicyClient } from '../../policy/policy-client.ts';
import { gameOptions } from '../../rollout/game-options.ts';
import type { HttpSearcher } from '../../rollout/http-searcher.ts';
import { policySampler } from '../../rollout/policy-sampler.ts';
import type { RunFolder } from '../../run/run-folder.ts';
import { Table } from '../../training/table.ts';
import type { TrainerParts } from '../../training/trainer.ts';
import type { CommandContext } from '../context.ts';
import type { RunInputs } from './run-inputs.ts';
import { validation } from './validation.ts';

/** What the parts of a trainer are made from. */
export interface PartsSource {
  readonly config: Config;
  readonly inputs: RunInputs;
  readonly folder: RunFolder;
  readonly client: PolicyClient;
  readonly searcher: HttpSearcher;
  /** With the tokenizer and the chat template. */
  readonly modelFolder: string;
}

const frozenName = 'frozen';

/** Opens everything that a run needs besides its services. */
export async function trainerParts(
  { config, inputs, folder, client, searcher, modelFolder }: PartsSource,
  { progress, signal }: CommandContext,
): Promise<TrainerParts> {
  const { openJudge } = await import('../../judge/judge.ts');
  const { training, game } = config;
  const { seeds, questions, truthOf } = inputs;
  const chat = await openChatFormat(modelFolder);
  const judge = openJudge(config.judge, process.env['SSP_JUDGE_TOKEN'], (error) => {
    table.noteFailure(error);
  });
  const table = new Table({
    game: gameOptions(game),
    ...{ chat, searcher, judge, maxConcurrent: training.maxConcurrent },
    samplers: await samplers(config, client, signal),
  });
  return {
    ...{ folder, config, seeds, client, searcher, table, truthOf, progress, signal },
    validate: validation(config, questions, { client, chat, searcher, judge }, progress),
  };
}

/** Who plays each role: the live policy where it learns, else the frozen weights. */
async function samplers(
  { training, game }: Config,
  client: PolicyClient,
  signal: AbortSignal,
): Promise<Table['parts']['samplers']> {
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
