import type { TokenLoss } from './clipped-surrogate.ts';

/**
 * The k3 estimator of KL(policy || reference) at a token that the policy sampled (Schulman 2020,
 * "Approximating KL divergence"): `exp(d) - d - 1` with `d = otherLogp - logp`. Never negative; 0
 * where the two agree. Slope by logp: `1 - exp(d)`.
 */
export function k3Divergence(logp: number, otherLogp: number): TokenLoss {
  const difference = otherLogp - logp;
  const excess = Math.expm1(difference);
  return { loss: excess - difference, slope: -excess };
}
