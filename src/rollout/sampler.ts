import type { Episode, SampledTurn } from '../game/episode.ts';

/** One turn to sample. */
interface TurnRequest {
  /** All tokens so far are `episodeTokens(episode)`; its steps also have the texts. */
  readonly episode: Episode;
  readonly maxTokens: number;
  /** Texts that end the turn and are part of it. */
  readonly stop: readonly string[];
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
