import { openChatFormat } from '../../chat/chat-format.ts';
import { ChatServer } from '../../clients/chat-server.ts';
import { PolicyClient } from '../../clients/policy/policy-client.ts';
import type { Config } from '../../config/schema.ts';
import type { SspError } from '../../errors/error.ts';
import type { EvaluationPlayers } from '../../evaluation/evaluate-questions.ts';
import { policyModel, solverGame } from '../../evaluation/setting.ts';
import { openJudge } from '../../judge/judge.ts';
import type { JobContext } from '../../progress/progress.ts';
import type { OnFailure } from '../../rollout/play-episode.ts';
import type { Player } from '../../rollout/player.ts';
import { chatPlayer, policyPlayer } from '../../rollout/player.ts';
import { searcherOf } from '../../rollout/searcher.ts';
import type { EvaluationSetting } from '../../types/evaluation.ts';
import { toolVersion } from '../../version.ts';
import { openOutsidePlayer } from '../outside-player.ts';
import { checkContext } from '../policy-service.ts';
import type { OpenSearch } from '../search-service.ts';
import { searchElsewhere, searchHere } from '../search-service.ts';
import type { Patience } from '../watch-services.ts';
import { watchJudge, watchService } from '../watch-services.ts';
import type { EvalOptions } from './asked-sets.ts';
import { usage } from './asked-sets.ts';

/** Who takes part, and the part of the setting that they make. */
interface OpenPlayers {
  readonly players: EvaluationPlayers;
  readonly setting: Omit<EvaluationSetting, 'sets'>;
  readonly onFailure: OnFailure;
}

interface OpenSolver {
  readonly solver: Player;
  readonly model: EvaluationSetting['model'];
  close(): Promise<void>;
}

/** Opens solver, search service and judge as the command names them, and closes them after `body`. */
export async function withPlayers<Result>(
  options: EvalOptions,
  config: Config,
  context: JobContext,
  body: (open: OpenPlayers) => Promise<Result>,
): Promise<Result> {
  const { signal } = context;
  const onFailure = failureNotes((text) => {
    context.progress.note(text);
  });
  const patience = patienceOf(config, context);
  const onJudgeFailure = (error: SspError): void => {
    onFailure('judge', error);
  };
  const watch = watchJudge(config.judge, patience);
  const judge = openJudge(config.judge, process.env['SSP_JUDGE_TOKEN'], onJudgeFailure, watch);
  const search = await openSearch(options, config, context);
  try {
    const index = (await search.service.indexFacts(signal)) ?? null;
    const opened = await openSolver(options, config, context);
    try {
      const { solver, model } = opened;
      const { topPassages } = config.game;
      const setting: OpenPlayers['setting'] = {
        ...{ toolVersion, model, temperature: 0, seed: config.evaluation.seed },
        search: { topPassages, index },
        game: solverGame(config.game),
        judge: judgeFacts(config.judge),
      };
      const searcher = searcherOf(search.service, topPassages);
      return await body({ players: { solver, searcher, judge }, setting, onFailure });
    } finally {
      await opened.close();
    }
  } finally {
    await search.close();
  }
}

function patienceOf({ evaluation }: Config, { progress }: JobContext): Patience {
  return { patienceSeconds: evaluation.patienceSeconds, progress };
}

async function openSearch(
  { searchUrl, index }: EvalOptions,
  config: Config,
  context: JobContext,
): Promise<OpenSearch> {
  if (searchUrl !== undefined && index === undefined) {
    return searchElsewhere(searchUrl, patienceOf(config, context));
  }
  if (index !== undefined && searchUrl === undefined) return searchHere(index, config, context);
  throw usage('give exactly one of --search-url and --index');
}

async function openSolver(
  options: EvalOptions,
  config: Config,
  context: JobContext,
): Promise<OpenSolver> {
  const { policyUrl, apiUrl } = options;
  const patience = patienceOf(config, context);
  if (policyUrl !== undefined && apiUrl === undefined) {
    return openPolicySolver(policyUrl, options, config, patience, context.signal);
  }
  if (apiUrl !== undefined && policyUrl === undefined) {
    return openChatSolver(apiUrl, options, config, patience);
  }
  if (policyUrl === undefined && apiUrl === undefined && config.player.url !== undefined) {
    return openOutsideSolver(options, config, context);
  }
  throw usage('give exactly one of --policy-url, --api-url and --player-url');
}

async function openPolicySolver(
  url: string,
  { model = 'policy', tokenizer, apiModel }: EvalOptions,
  config: Config,
  patience: Patience,
  signal: AbortSignal,
): Promise<OpenSolver> {
  if (tokenizer === undefined) throw usage('--policy-url needs --tokenizer <model folder>');
  if (apiModel !== undefined) throw usage('--api-model goes with --api-url; here it is --model');
  const chatFormat = await openChatFormat(tokenizer);
  const token = process.env['SSP_POLICY_TOKEN'] ?? process.env['SSP_TOKEN'];
  const watch = watchService('the policy service', url, patience);
  const client = new PolicyClient({ url, token, watch });
  try {
    checkContext(config, await client.facts(signal), false);
    return {
      solver: policyPlayer(client, chatFormat, { model, temperature: 0 }),
      model: await policyModel(client, model, signal),
      close: () => client.close(),
    };
  } catch (error) {
    await client.close();
    throw error;
  }
}

function openChatSolver(
  url: string,
  { model, tokenizer, apiModel }: EvalOptions,
  { evaluation: { maxTurnTokens, maxConcurrent } }: Config,
  patience: Patience,
): OpenSolver {
  if (apiModel === undefined) throw usage('--api-url needs --api-model');
  if (model !== undefined || tokenizer !== undefined) {
    throw usage('--model and --tokenizer go with --policy-url; here it is --api-model');
  }
  const server = new ChatServer({
    ...{ url, model: apiModel, token: process.env['SSP_API_TOKEN'] },
    ...{ maxInFlight: maxConcurrent, attempts: 6, timeoutMs: 290_000 },
    watch: watchService('the chat server', url, patience),
  });
  return {
    solver: chatPlayer(server, { maxTurnTokens, temperature: 0 }),
    model: { kind: 'chat-server', url, model: apiModel, maxTurnTokens },
    close: () => Promise.resolve(),
  };
}

async function openOutsideSolver(
  { model, tokenizer, apiModel }: EvalOptions,
  config: Config,
  context: JobContext,
): Promise<OpenSolver> {
  if (model !== undefined || apiModel !== undefined || tokenizer !== undefined) {
    throw usage('with --player-url it is --player-model and --player-tokenizer');
  }
  const { patienceSeconds } = config.evaluation;
  const player = await openOutsidePlayer(config, patienceSeconds, context);
  return { solver: player.at(0), model: player.facts, close: () => player.close() };
}

function judgeFacts({ url, model }: Config['judge']): EvaluationSetting['judge'] {
  return url === undefined || model === undefined ? null : { url, model };
}

/** Tells the first failure of each service and code; the others are counted in the scores. */
function failureNotes(note: (text: string) => void): OnFailure {
  const told = new Set<string>();
  return (failure, { code, message }) => {
    if (told.has(`${failure} ${code}`)) return;
    told.add(`${failure} ${code}`);
    note(`a question failed (${failure}): ${code}: ${message}`);
  };
}
