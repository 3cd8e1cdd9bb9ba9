import type { TokenLoss } from './clipped-surrogate.ts';

/** What one token's divergence counts at most, so that no single token owns the gradient. */
export interface DivergenceBounds {
  /** The log-ratio counts from minus to plus this, in nats; above 0. */
  readonly maxLogRatio: number;
  /** The divergence counts up to this, in nats; above 0. */
  readonly maxDivergence: number;
}

const unbounded: DivergenceBounds = { maxLogRatio: Infinity, maxDivergence: Infinity };

/**
 * The k3 estimator of KL(policy || reference) at a token that the policy sampled (Schulman 2020,
 * "Approximating KL divergence"): `exp(d) - d - 1` with `d = otherLogp - logp`. Never negative; 0
 * where the two agree. Slope by logp: `1 - exp(d)`, and 0 past a bound. The released code of the SSP
 * paper bounds the log-ratio at 20 and the divergence at 10, so a token more than 2.6 nats less likely
 * than under the reference has no slope.
 */
export function k3Divergence(
  logp: number,
  otherLogp: number,
  { maxLogRatio, maxDivergence }: DivergenceBounds = unbounded,
): TokenLoss {
  const difference = otherLogp - logp;
  const counted = Math.max(-maxLogRatio, Math.min(maxLogRatio, difference));
  const excess = Math.expm1(counted);
  const loss = excess - counted;
  if (loss > maxDivergence) return { loss: maxDivergence, slope: 0 };
  return { loss, slope: counted === difference ? -excess : 0 };
}
