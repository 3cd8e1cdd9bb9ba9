import type { ChatFormat } from '../../chat/chat-format.ts';
import { openChatFormat } from '../../chat/chat-format.ts';
import { ChatServer } from '../../clients/chat-server.ts';
import { PolicyClient } from '../../clients/policy/policy-client.ts';
import type { Config } from '../../config/schema.ts';
import { policyModel } from '../../evaluation/setting.ts';
import type { JobContext } from '../../progress/progress.ts';
import type { Player } from '../../rollout/player.ts';
import { chatPlayer, policyPlayer } from '../../rollout/player.ts';
import type { EvaluationSetting } from '../../types/evaluation.ts';
import { checkPlay } from '../check-model.ts';
import { openOutsidePlayer } from '../outside-player.ts';
import { checkContext } from '../policy-service.ts';
import type { Patience } from '../watch-services.ts';
import { watchService } from '../watch-services.ts';
import type { EvalOptions } from './asked-sets.ts';
import { usage } from './asked-sets.ts';

/** Who answers, and what an evaluation stores of it. */
interface OpenSolver {
  readonly solver: Player;
  readonly model: EvaluationSetting['model'];
  close(): Promise<void>;
}

/** Opens the solver; what can be known without its server has been checked. */
type SolverOpening = (context: JobContext) => Promise<OpenSolver>;

/**
 * The solver that the options name (`checkChoices` has passed), checked as far as files go: options that go together, prompts,
 * tokenizer and chat template. Throws SSP_USAGE, and what {@link checkPlay} throws.
 */
export async function chosenSolver(options: EvalOptions, config: Config): Promise<SolverOpening> {
  const { policyUrl, apiUrl } = options;
  if (policyUrl !== undefined && apiUrl === undefined) {
    return chosenPolicySolver(policyUrl, options, config);
  }
  if (apiUrl !== undefined && policyUrl === undefined) {
    return chosenChatSolver(apiUrl, options, config);
  }
  return chosenOutsideSolver(options, config);
}

async function chosenPolicySolver(
  url: string,
  { model = 'policy', tokenizer, apiModel }: EvalOptions,
  config: Config,
): Promise<SolverOpening> {
  if (tokenizer === undefined) throw usage('--policy-url needs --tokenizer <model folder>');
  if (apiModel !== undefined) throw usage('--api-model goes with --api-url; here it is --model');
  const checked = await checkPlay(config, tokenizer, ['solver']);
  const chatFormat = checked ?? (await openChatFormat(tokenizer));
  return (context) => openPolicySolver(url, model, chatFormat, config, context);
}

async function openPolicySolver(
  url: string,
  model: string,
  chatFormat: ChatFormat,
  config: Config,
  context: JobContext,
): Promise<OpenSolver> {
  const { signal } = context;
  const patience = patienceOf(config, context);
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

async function chosenChatSolver(
  url: string,
  { model, tokenizer, apiModel }: EvalOptions,
  config: Config,
): Promise<SolverOpening> {
  if (apiModel === undefined) throw usage('--api-url needs --api-model');
  if (model !== undefined || tokenizer !== undefined) {
    throw usage('--model and --tokenizer go with --policy-url; here it is --api-model');
  }
  await checkPlay(config, undefined, ['solver']);
  return (context) => Promise.resolve(openChatSolver(url, apiModel, config, context));
}

function openChatSolver(
  url: string,
  apiModel: string,
  config: Config,
  context: JobContext,
): OpenSolver {
  const { maxTurnTokens, maxConcurrent } = config.evaluation;
  const server = new ChatServer({
    ...{ url, model: apiModel, token: process.env['SSP_API_TOKEN'] },
    ...{ maxInFlight: maxConcurrent, attempts: 6, timeoutMs: 290_000 },
    watch: watchService('the chat server', url, patienceOf(config, context)),
  });
  return {
    solver: chatPlayer(server, { maxTurnTokens, temperature: 0 }),
    model: { kind: 'chat-server', url, model: apiModel, maxTurnTokens },
    close: () => Promise.resolve(),
  };
}

async function chosenOutsideSolver(
  { model, tokenizer, apiModel }: EvalOptions,
  config: Config,
): Promise<SolverOpening> {
  if (model !== undefined || apiModel !== undefined || tokenizer !== undefined) {
    throw usage('with --player-url it is --player-model and --player-tokenizer');
  }
  const { player, policy } = config;
  const folder = player.api === 'chat' ? undefined : (player.tokenizer ?? policy.model);
  await checkPlay(config, folder, ['solver']);
  return (context) => openOutsideSolver(config, context);
}

async function openOutsideSolver(config: Config, context: JobContext): Promise<OpenSolver> {
  const { patienceSeconds } = config.evaluation;
  const player = await openOutsidePlayer(config, patienceSeconds, context);
  return { solver: player.at(0), model: player.facts, close: () => player.close() };
}

/** How long an evaluation waits for a service. */
export function patienceOf({ evaluation }: Config, { progress }: JobContext): Patience {
  return { patienceSeconds: evaluation.patienceSeconds, progress };
}
