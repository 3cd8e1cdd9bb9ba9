import type { ChatFormat } from '../chat/chat-format.ts';
import type { Tokenizer } from '../chat/tokenizer.ts';
import type { ChatServer } from '../clients/chat-server.ts';
import type { PolicyClient } from '../clients/policy/policy-client.ts';
import type { ChatMessage } from '../types/chat-message.ts';
import { chatSampler } from './chat-sampler.ts';
import type { Sampler, SamplingSettings } from './sampler.ts';
import { policySampler, promptIds } from './sampler.ts';

/** A model as the one who plays a role. */
export interface Player {
  /** What an episode with this chat begins with and is played by. */
  open(chat: readonly ChatMessage[]): {
    /** Token ids; none where the model shows none. */
    readonly prompt: readonly number[];
    readonly sampler: Sampler;
  };
  readonly tokenizer: Pick<Tokenizer, 'encode'>;
}

/**
 * A model by token ids: of the policy service, or of another server that takes and gives them, as vLLM
 * does. `settings.model` is `policy` (default), `reference`, a snapshot, or the server's own name.
 */
export function policyPlayer(
  client: PolicyClient,
  chatFormat: ChatFormat,
  settings: SamplingSettings,
): Player {
  const sampler = policySampler(client, settings);
  return {
    tokenizer: chatFormat.tokenizer,
    open: (chat) => ({ prompt: promptIds(chatFormat, chat), sampler }),
  };
}

/**
 * Any chat server, by text. It shows no token ids, so the limits of tokens do not bind:
 * `maxTurnTokens` bounds a turn, and the server's own context the episode. Temperature 0 is greedy.
 */
export function chatPlayer(
  server: ChatServer,
  { maxTurnTokens, temperature }: { readonly maxTurnTokens: number; readonly temperature: number },
): Player {
  return {
    tokenizer: { encode: () => [] },
    open: (chat) => ({
      prompt: [],
      sampler: chatSampler(server, chat, { maxTurnTokens, temperature }),
    }),
  };
}
