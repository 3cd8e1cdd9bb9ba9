import type { EpisodeRecord } from '../types/episode.ts';

/** An episode as one sequence of T tokens. */
export interface TokenSequence {
  readonly tokens_T: readonly number[];
  /** 1 on the tokens that the model sampled, 0 on the prompt and on what was put in. */
  readonly mask_T: readonly (0 | 1)[];
}

interface TrainingSequence extends TokenSequence {
  /** Of the sampled tokens by the policy that drew them, in nats; NaN elsewhere. */
  readonly logProbs_T: readonly number[];
}

/** Prompt and steps in their order, with their ids unchanged. */
export function tokenSequence({ prompt, steps }: EpisodeRecord): TokenSequence {
  const pieces = [{ kind: 'prompt', tokens: prompt } as const, ...steps];
  return {
    tokens_T: pieces.flatMap(({ tokens }) => tokens),
    mask_T: pieces.flatMap(({ kind, tokens }) => tokens.map(() => (kind === 'sampled' ? 1 : 0))),
  };
}

/**
 * The sequence with the log-probs of what was sampled: only that can train. Throws a RangeError for a
 * sampled turn without them.
 */
export function trainingSequence(episode: EpisodeRecord): TrainingSequence {
  const pieces = [{ kind: 'prompt', tokens: episode.prompt } as const, ...episode.steps];
  return {
    ...tokenSequence(episode),
    logProbs_T: pieces.flatMap((piece) => {
      if (piece.kind !== 'sampled') return piece.tokens.map(() => Number.NaN);
      if (piece.logProbs.length === piece.tokens.length) return piece.logProbs;
      throw new RangeError(`A turn of ${piece.tokens.length} sampled tokens has no log-probs.`);
    }),
  };
}

/**
 * Sequences with the tokens that are wanted of them when they are scored: what was not sampled has no
 * loss, so its log-probs are never computed.
 */
export function sampledTokens(sequences_B: readonly TokenSequence[]): {
  readonly sequences: readonly (readonly number[])[];
  readonly masks: readonly (readonly boolean[])[];
} {
  return {
    sequences: sequences_B.map(({ tokens_T }) => tokens_T),
    masks: sequences_B.map(({ mask_T }) => mask_T.map((sampled) => sampled === 1)),
  };
}
