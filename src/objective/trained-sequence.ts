/** One sequence of T tokens to train on. Log-probs are natural logarithms. */
export interface TrainedSequence {
  /** Of each token under the weights that are trained. */
  readonly logp_T: ArrayLike<number>;
  /** Of each token under the weights that sampled it. */
  readonly oldLogp_T: ArrayLike<number>;
  /** Of each token under the reference policy; needed where klCoefficient is above 0. */
  readonly referenceLogp_T?: ArrayLike<number>;
  /** 1 on the tokens that the model sampled, 0 on prompts and retrieved text: they never train. */
  readonly mask_T: ArrayLike<number>;
  /** The advantage of the rollout; each of its sampled tokens has it. */
  readonly advantage: number;
  /** What the sequence's loss counts beside those of others, 0 or more; 1 where undefined. */
  readonly lossWeight?: number;
}

/** The positions where the mask is not 0, in order. */
export function trainedPositions({ mask_T }: TrainedSequence): number[] {
  return Array.from(mask_T).flatMap((isTrained, position) => (isTrained === 0 ? [] : [position]));
}

/** Throws a RangeError that names the shapes if a sequence's arrays have unlike lengths. */
export function checkShapes(sequence: TrainedSequence, row: number): void {
  const { logp_T, oldLogp_T, referenceLogp_T, mask_T } = sequence;
  const arrays = { logp_T, oldLogp_T, mask_T, ...(referenceLogp_T && { referenceLogp_T }) };
  if (Object.values(arrays).every(({ length }) => length === logp_T.length)) return;
  const shapes = Object.entries(arrays).map(([name, { length }]) => `${name} has ${length}`);
  throw new RangeError(`Sequence ${row} has arrays of unlike length: ${shapes.join(', ')}.`);
}
