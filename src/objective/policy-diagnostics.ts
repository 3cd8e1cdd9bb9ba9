import type { Clipping } from './clipped-surrogate.ts';

/** Means over the trained tokens of a batch; all 0 where there are none. */
export interface PolicyDiagnostics {
  readonly trainedTokens: number;
  /** Share of tokens whose gradient the low bound stops, 0..1. */
  readonly clipFractionLow: number;
  /** Share of tokens whose gradient the high bound stops, 0..1. */
  readonly clipFractionHigh: number;
  /** Share of tokens whose gradient the dual clip stops, 0..1. */
  readonly clipFractionDual: number;
  /** Mean of `exp(logp - oldLogp)`; 1 on the weights that sampled. */
  readonly meanRatio: number;
  /** k3 estimate of KL(weights that sampled || trained weights), 0 or more. */
  readonly oldKl: number;
  /** k3 estimate of KL(policy || reference); undefined if a trained token has no reference. */
  readonly referenceKl: number | undefined;
}

/** What the diagnostics take from one trained token. */
export interface TokenFacts {
  readonly ratio: number;
  readonly clipping: Clipping;
  readonly oldKl: number;
  readonly referenceKl: number | undefined;
}

/** Adds up the facts of trained tokens. */
export class DiagnosticsTally {
  #tokens = 0;
  #low = 0;
  #high = 0;
  #dual = 0;
  #ratio = 0;
  #oldKl = 0;
  #referenceKl: number | undefined = 0;

  add({ ratio, clipping, oldKl, referenceKl }: TokenFacts): void {
    this.#tokens += 1;
    if (clipping === 'low') this.#low += 1;
    if (clipping === 'high') this.#high += 1;
    if (clipping === 'dual') this.#dual += 1;
    this.#ratio += ratio;
    this.#oldKl += oldKl;
    this.#referenceKl =
      this.#referenceKl === undefined || referenceKl === undefined
        ? undefined
        : this.#referenceKl + referenceKl;
  }

  means(): PolicyDiagnostics {
    const tokens = Math.max(this.#tokens, 1);
    return {
      trainedTokens: this.#tokens,
      clipFractionLow: this.#low / tokens,
      clipFractionHigh: this.#high / tokens,
      clipFractionDual: this.#dual / tokens,
      meanRatio: this.#ratio / tokens,
      oldKl: this.#oldKl / tokens,
      referenceKl: this.#referenceKl === undefined ? undefined : this.#referenceKl / tokens,
    };
  }
}
