import type { EpisodeRecord } from '../types/episode.ts';

/** An episode as one sequence of T tokens. */
interface TrainingSequence {
  readonly tokens_T: readonly number[];
  /** 1 on the tokens that the model sampled, 0 on the prompt and on what was put in. */
  readonly mask_T: readonly (0 | 1)[];
  /** Of the sampled tokens by the policy that drew them, in nats; NaN elsewhere. */
  readonly logProbs_T: readonly number[];
}

/**
 * Prompt and steps in their order, with their ids unchanged: only what the model sampled can train.
 * Throws a RangeError for a sampled turn without log-probs.
 */
export function trainingSequence({ prompt, steps }: EpisodeRecord): TrainingSequence {
  const pieces = [{ kind: 'prompt', tokens: prompt } as const, ...steps];
  return {
    tokens_T: pieces.flatMap(({ tokens }) => tokens),
    mask_T: pieces.flatMap(({ kind, tokens }) => tokens.map(() => (kind === 'sampled' ? 1 : 0))),
    logProbs_T: pieces.flatMap((piece) => {
      if (piece.kind !== 'sampled') return piece.tokens.map(() => Number.NaN);
      if (piece.logProbs.length === piece.tokens.length) return piece.logProbs;
      throw new RangeError(`A turn of ${piece.tokens.length} sampled tokens has no log-probs.`);
    }),
  };
}
