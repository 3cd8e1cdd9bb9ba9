import { episodeTokens } from '../game/episode.ts';
import type { CompletionRequest } from '../policy/policy-calls.ts';
import type { PolicyClient } from '../policy/policy-client.ts';
import type { Sampler } from './sampler.ts';

/** How the policy service samples; a snapshot's name as `model` gives a frozen player. */
type SamplingSettings = Pick<CompletionRequest, 'model' | 'temperature' | 'topP' | 'topK'>;

/**
 * A model of the policy service. Each turn sends all ids so far, unchanged: the service still has
 * the keys and values of the earlier ones. Throws the SSP_POLICY_ errors.
 */
export function policySampler(client: PolicyClient, settings: SamplingSettings = {}): Sampler {
  return {
    async sample({ episode, maxTokens, stop, seed }, signal) {
      const request = { ...settings, prompt: episodeTokens(episode), maxTokens, stop, seed };
      const { choices } = await client.complete(request, signal);
      const [choice] = choices;
      if (choice === undefined) throw new RangeError('A completion has at least one choice.');
      const { tokenIds: tokens, logProbs, text, finishReason } = choice;
      return { tokens, logProbs, text, finishReason };
    },
  };
}
