import type { TrainingConfig } from '../config/training.ts';
import type { PolicyLoss } from '../objective/policy-loss.ts';
import type { UpdateFacts } from '../types/step-metrics.ts';
import { meanOf, WeightedMean } from './means.ts';
import type { Sample } from './samples.ts';

/** A sample with its log-probs, each [T] in nats; NaN where no token was sampled. */
export interface ScoredSample {
  readonly sample: Sample;
  /** Under the weights that sampled it. */
  readonly oldLogp_T: readonly number[];
  readonly logp_T: readonly number[];
  readonly referenceLogp_T: readonly number[] | undefined;
  readonly entropy_T: readonly number[];
}

/** The facts of one part's update; means weigh trained tokens. */
export class UpdateTally {
  readonly #sequences: number;
  readonly #hasDualClip: boolean;
  readonly #losses: number[] = [];
  readonly #norms: number[] = [];
  readonly #kl = new WeightedMean();
  readonly #oldKl = new WeightedMean();
  readonly #low = new WeightedMean();
  readonly #high = new WeightedMean();
  readonly #entropy = new WeightedMean();
  readonly #gap = new WeightedMean();
  readonly #dual = new WeightedMean();
  #maxGap: number | null = null;
  #tokens = 0;

  /**
   * Takes what is known of the samples before the first optimizer step. There is no gap to the sampler
   * where the weights that scored are others than those that sampled.
   */
  constructor(
    scored: readonly ScoredSample[],
    isSampler: boolean,
    { dualClip }: Pick<TrainingConfig, 'dualClip'>,
  ) {
    this.#sequences = scored.length;
    this.#hasDualClip = dualClip !== undefined;
    for (const { sample, logp_T, entropy_T } of scored) {
      for (const [t, sampled] of sample.mask_T.entries()) {
        if (sampled === 0) continue;
        this.#entropy.add(entropy_T[t] ?? NaN);
        if (!isSampler) continue;
        const gap = Math.abs((logp_T[t] ?? NaN) - (sample.sampledLogp_T[t] ?? NaN));
        this.#gap.add(gap);
        this.#maxGap = Math.max(this.#maxGap ?? 0, gap);
      }
    }
  }

  /** Takes one optimizer step. */
  add({ loss, diagnostics }: PolicyLoss, gradNorm: number): void {
    const { trainedTokens: tokens, referenceKl } = diagnostics;
    this.#losses.push(loss);
    this.#norms.push(gradNorm);
    this.#tokens += tokens;
    this.#oldKl.add(diagnostics.oldKl, tokens);
    this.#low.add(diagnostics.clipFractionLow, tokens);
    this.#high.add(diagnostics.clipFractionHigh, tokens);
    this.#dual.add(diagnostics.clipFractionDual, tokens);
    if (referenceKl !== undefined) this.#kl.add(referenceKl, tokens);
  }

  facts(): Omit<UpdateFacts, 'learningRate'> {
    return {
      sequences: this.#sequences,
      trainedTokens: this.#tokens,
      optimizerSteps: this.#losses.length,
      loss: meanOf(this.#losses),
      entropy: this.#entropy.mean,
      referenceKl: this.#kl.mean,
      oldKl: this.#oldKl.mean,
      clipFractionLow: this.#low.mean,
      clipFractionHigh: this.#high.mean,
      ...(this.#hasDualClip && { clipFractionDual: this.#dual.mean }),
      gradientNorm: meanOf(this.#norms),
      samplerGapMean: this.#gap.mean,
      samplerGapMax: this.#maxGap,
    };
  }
}
