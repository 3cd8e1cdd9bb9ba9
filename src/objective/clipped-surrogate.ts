/** How far a token's probability may move before the surrogate stops rewarding it. */
export interface ClipBounds {
  /** The ratio counts down to `1 - clipLow`; 0..1. */
  readonly clipLow: number;
  /** The ratio counts up to `1 + clipHigh`; 0 or more. */
  readonly clipHigh: number;
  /**
   * For a negative advantage the loss counts up to this times the advantage's size, above 1 + clipHigh
   * (dual clip); undefined lets it grow with the ratio.
   */
  readonly dualClip?: number | undefined;
}

/** A token's loss, and its derivative by the token's log-prob. */
export interface TokenLoss {
  readonly loss: number;
  readonly slope: number;
}

/** Which bound stopped a token's gradient. */
export type Clipping = 'low' | 'high' | 'dual' | 'none';

/**
 * The clipped surrogate loss of PPO (Schulman et al. 2017, arXiv 1707.06347, equation 7) with
 * separate bounds (Yu et al. 2025, arXiv 2503.14476, section 3.1):
 * `-min(r A, clip(r, 1 - clipLow, 1 + clipHigh) A)` with `r = exp(logp - oldLogp)`.
 *
 * As dr/dlogp = r, its slope is `-r A`, or 0 where the clipped branch rules: above the high bound
 * for A > 0, below the low bound for A < 0. On a bound the slope is still `-r A`.
 *
 * With `dualClip` c the loss for A < 0 is at most `-c A` (Ye et al. 2020, arXiv 1912.09729, equation 5):
 * a token whose ratio is above c has no slope.
 */
export function clippedSurrogate(
  ratio: number,
  advantage: number,
  { clipLow, clipHigh, dualClip = Infinity }: ClipBounds,
): TokenLoss & { readonly clipping: Clipping } {
  if (advantage > 0 && ratio > 1 + clipHigh) {
    return { loss: -(1 + clipHigh) * advantage, slope: 0, clipping: 'high' };
  }
  if (advantage < 0 && ratio < 1 - clipLow) {
    return { loss: -(1 - clipLow) * advantage, slope: 0, clipping: 'low' };
  }
  if (advantage < 0 && ratio > dualClip) {
    return { loss: -dualClip * advantage, slope: 0, clipping: 'dual' };
  }
  const loss = -ratio * advantage;
  return { loss, slope: loss, clipping: 'none' };
}
