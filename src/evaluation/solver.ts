import type { ChatFormat } from '../chat/chat-format.ts';
import type { Tokenizer } from '../chat/tokenizer.ts';
import type { ChatServer } from '../clients/chat-server.ts';
import type { PolicyClient } from '../clients/policy/policy-client.ts';
import { chatSampler } from '../rollout/chat-sampler.ts';
import type { Sampler } from '../rollout/sampler.ts';
import { policySampler, promptIds } from '../rollout/sampler.ts';
import type { ChatMessage } from '../types/chat-message.ts';

/** A model as the one who answers. It is greedy: one attempt, temperature 0. */
export interface Solver {
  /** What an episode with this chat begins with and is played by. */
  open(chat: readonly ChatMessage[]): {
    /** Token ids; none where the model shows none. */
    readonly prompt: readonly number[];
    readonly sampler: Sampler;
  };
  readonly tokenizer: Pick<Tokenizer, 'encode'>;
}

/**
 * A model of the policy service, by token ids. `model` is `policy` (default), `reference` or a
 * snapshot.
 */
export function policySolver(client: PolicyClient, chatFormat: ChatFormat, model?: string): Solver {
  const sampler = policySampler(client, {
    temperature: 0,
    ...(model === undefined ? {} : { model }),
  });
  return {
    tokenizer: chatFormat.tokenizer,
    open: (chat) => ({
      prompt: promptIds(chatFormat, chat),
      sampler,
    }),
  };
}

/**
 * Any chat server, by text. It shows no token ids, so the limits of tokens do not bind:
 * `maxTurnTokens` bounds a turn, and the server's own context the episode.
 */
export function chatSolver(server: ChatServer, maxTurnTokens: number): Solver {
  return {
    tokenizer: { encode: () => [] },
    open: (chat) => ({ prompt: [], sampler: chatSampler(server, chat, maxTurnTokens) }),
  };
}
