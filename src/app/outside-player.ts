import { openChatFormat } from '../chat/chat-format.ts';
import { ChatServer } from '../clients/chat-server.ts';
import { PolicyClient } from '../clients/policy/policy-client.ts';
import type { Config } from '../config/schema.ts';
import { SspError } from '../errors/error.ts';
import type { JobContext } from '../progress/progress.ts';
import type { Player } from '../rollout/player.ts';
import { chatPlayer, policyPlayer } from '../rollout/player.ts';
import type { EvaluationSetting } from '../types/evaluation.ts';
import { modelFolder } from './policy-process.ts';
import { watchService } from './watch-services.ts';

/** A model behind a server that is not ours. */
export interface OutsidePlayer {
  /** It at a temperature; 0 is greedy. */
  at(temperature: number): Player;
  /** What an evaluation stores of it. */
  readonly facts: EvaluationSetting['model'];
  close(): Promise<void>;
}

/** Tries of a request to a chat server; a server of completions is asked as the policy service is. */
const attempts = 6;

/**
 * The player of the section `player`. Throws SSP_CONFIG_INVALID where address or model is missing, and for
 * completions what opening a tokenizer throws. Its players throw the errors of their server.
 */
export async function openOutsidePlayer(
  { player, policy }: Pick<Config, 'player' | 'policy'>,
  patienceSeconds: number,
  context: JobContext,
): Promise<OutsidePlayer> {
  const { url, model, api, maxTurnTokens, maxInFlight, timeoutMs } = player;
  if (url === undefined || model === undefined) {
    const problem = 'a server is to play, so give url and model';
    throw new SspError('SSP_CONFIG_INVALID', { source: 'of the section player', problem });
  }
  const token = process.env['SSP_PLAYER_TOKEN'];
  const patience = { patienceSeconds, progress: context.progress };
  if (api === 'chat') {
    const watch = watchService('the player', url, patience);
    const server = new ChatServer({
      ...{ url, model, token, maxInFlight, attempts, timeoutMs, watch },
    });
    return {
      at: (temperature) => chatPlayer(server, { maxTurnTokens, temperature }),
      facts: { kind: 'chat-server', url, model, maxTurnTokens },
      close: () => Promise.resolve(),
    };
  }
  const folder = await modelFolder(player.tokenizer ?? policy.model, context);
  const chatFormat = await openChatFormat(folder);
  const root = url.replace(/\/+$/, '').replace(/\/v1$/, '');
  const watch = watchService('the player', root, patience);
  const client = new PolicyClient({
    ...{ url: root, token, maxInFlight, watch, sampleTimeoutMs: timeoutMs },
  });
  return {
    at: (temperature) => policyPlayer(client, chatFormat, { model, temperature }),
    facts: { kind: 'completions-server', url, model },
    close: () => client.close(),
  };
}
