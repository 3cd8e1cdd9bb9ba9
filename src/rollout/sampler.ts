import type { ChatFormat } from '../chat/chat-format.ts';
import type { CompletionRequest } from '../clients/policy/policy-calls.ts';
import type { PolicyClient } from '../clients/policy/policy-client.ts';
import type { Episode, SampledTurn } from '../game/episode.ts';
import { episodeTokens } from '../game/episode.ts';
import type { ChatMessage } from '../types/chat-message.ts';

/** One turn to sample. */
interface TurnRequest {
  /** All tokens so far are `episodeTokens(episode)`; its steps also have the texts. */
  readonly episode: Episode;
  readonly maxTokens: number;
  /** Texts that end the turn and are part of it. */
  readonly stop: readonly string[];
  /** Texts that end it too where the sampler can; a turn without an action may end so. */
  readonly spoiling: readonly string[];
  /** 0..2^32 - 1. The same request with the same seed may be expected to give the same turn. */
  readonly seed: number;
}

/** What plays: a model with its sampling settings. */
export interface Sampler {
  /**
   * The next turn. A sampler without token ids of its own gives none, and no log-probs. Throws an
   * SspError where the model cannot be asked, and the signal's reason once it is aborted.
   */
  sample(request: TurnRequest, signal?: AbortSignal): Promise<SampledTurn>;
}

/** How the policy service samples; a snapshot's name as `model` gives a frozen player. */
export type SamplingSettings = Pick<CompletionRequest, 'model' | 'temperature' | 'topP' | 'topK'>;

/**
 * A model of the policy service. Each turn sends all ids so far, unchanged: the service still has
 * the keys and values of the earlier ones. Throws the SSP_POLICY_ errors.
 */
export function policySampler(client: PolicyClient, settings: SamplingSettings = {}): Sampler {
  return {
    async sample({ episode, maxTokens, stop, spoiling, seed }, signal) {
      const ends = { maxTokens, stop: [...stop, ...spoiling], seed };
      const request = { ...settings, prompt: episodeTokens(episode), ...ends };
      const { choices } = await client.complete(request, signal);
      const [choice] = choices;
      if (choice === undefined) throw new RangeError('A completion has at least one choice.');
      const { tokenIds: tokens, logProbs, text, finishReason } = choice;
      return { tokens, logProbs, text, finishReason };
    },
  };
}

// Llama 3.1's template asks for today's date, and a run must be the same on another day. This is the
// date that the template itself falls back to.
const variables = { date_string: '26 Jul 2024' };

/** Token ids of an episode's first messages, up to where the model begins to write. */
export function promptIds(chatFormat: ChatFormat, chat: readonly ChatMessage[]): number[] {
  return chatFormat.renderChat(chat, { addGenerationPrompt: true, variables }).ids;
}
