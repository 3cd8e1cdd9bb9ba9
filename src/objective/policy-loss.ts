import type { Aggregation } from './aggregation.ts';
import { tokenCoefficients } from './aggregation.ts';
import type { ClipBounds, TokenLoss } from './clipped-surrogate.ts';
import { clippedSurrogate } from './clipped-surrogate.ts';
import type { DivergenceBounds } from './k3-divergence.ts';
import { k3Divergence } from './k3-divergence.ts';
import type { PolicyDiagnostics, TokenFacts } from './policy-diagnostics.ts';
import { DiagnosticsTally } from './policy-diagnostics.ts';
import type { TrainedSequence } from './trained-sequence.ts';
import { checkShapes, trainedPositions } from './trained-sequence.ts';

/** Both ratios, to the weights that sampled and to the reference, share `maxLogRatio`. */
export interface PolicyLossOptions extends ClipBounds, DivergenceBounds {
  /** Weight of the k3 KL to the reference policy, 0 or more; 0 leaves it out. */
  readonly klCoefficient: number;
  readonly aggregation: Aggregation;
}

export interface PolicyLoss {
  /** The aggregated loss; 0 without trained tokens. */
  readonly loss: number;
  /** dLoss/dlogp of each token of each sequence, shaped like logp_T; 0 where the mask is 0. */
  readonly weights_B_T: Float64Array[];
  readonly diagnostics: PolicyDiagnostics;
}

/**
 * The clipped policy-gradient loss with a KL term (Shao et al. 2024, arXiv 2402.03300, equation 3,
 * with the bounds and the aggregation of the options), and its gradient by every log-prob in closed
 * form. Gradient descent on the plain sum of `weight * logp` over all tokens is gradient descent on
 * this loss.
 *
 * `sequences_B` is the whole batch of one optimizer step, as the aggregation's denominators need
 * it; the weights may then be sent in as many backward calls as one likes. Throws a RangeError for
 * arrays of unlike length, for a missing reference, and where a trained token has a log-prob that is
 * no number, or so far off that its ratio overflows where nothing bounds it. An empty batch gives loss 0
 * and no weights.
 */
export function policyLoss(
  sequences_B: readonly TrainedSequence[],
  options: PolicyLossOptions,
): PolicyLoss {
  sequences_B.forEach(checkShapes);
  const positions_B = sequences_B.map(trainedPositions);
  const trainedTokens_B = positions_B.map((positions) => positions.length);
  const coefficients_B = tokenCoefficients(trainedTokens_B, options.aggregation);
  const tally = new DiagnosticsTally();
  let loss = 0;
  const weights_B_T = sequences_B.map((sequence, row) => {
    const coefficient = (coefficients_B[row] ?? 0) * (sequence.lossWeight ?? 1);
    const weights_T = new Float64Array(sequence.logp_T.length);
    for (const position of positions_B[row] ?? []) {
      const token = tokenLoss(sequence, row, position, options);
      loss += coefficient * token.loss;
      weights_T[position] = coefficient * token.slope;
      tally.add(token);
    }
    return weights_T;
  });
  return { loss, weights_B_T, diagnostics: tally.means() };
}

/** Surrogate plus weighted KL of one token, before aggregation. */
function tokenLoss(
  sequence: TrainedSequence,
  row: number,
  position: number,
  options: PolicyLossOptions,
): TokenLoss & TokenFacts {
  const logp = sequence.logp_T[position] ?? NaN;
  const oldLogp = sequence.oldLogp_T[position] ?? NaN;
  const referenceLogp = sequence.referenceLogp_T?.[position];
  const { ratio, isBounded } = boundedRatio(logp - oldLogp, options);
  const surrogate = clippedSurrogate(ratio, sequence.advantage, options);
  const divergence =
    referenceLogp === undefined ? undefined : k3Divergence(logp, referenceLogp, options);
  const pull = klTerm(divergence, options.klCoefficient, row);
  const loss = surrogate.loss + pull.loss;
  const slope = (isBounded ? 0 : surrogate.slope) + pull.slope;
  if (![logp - oldLogp, ratio, loss, slope].every(Number.isFinite)) {
    throw new RangeError(
      `Sequence ${row}, token ${position} has no finite loss: logp ${logp}, old ${oldLogp}, ` +
        `reference ${referenceLogp ?? 'none'}, advantage ${sequence.advantage}.`,
    );
  }
  const oldKl = k3Divergence(oldLogp, logp).loss;
  return { loss, slope, ratio, clipping: surrogate.clipping, oldKl, referenceKl: divergence?.loss };
}

/** The ratio of a log-ratio that counts within its bound, past which it has no slope. */
function boundedRatio(
  logRatio: number,
  { maxLogRatio }: DivergenceBounds,
): { ratio: number; isBounded: boolean } {
  const isBounded = Math.abs(logRatio) > maxLogRatio;
  const counted = isBounded ? Math.sign(logRatio) * maxLogRatio : logRatio;
  return { ratio: Math.exp(counted), isBounded };
}

function klTerm(divergence: TokenLoss | undefined, coefficient: number, row: number): TokenLoss {
  if (coefficient === 0) return { loss: 0, slope: 0 };
  if (divergence === undefined) {
    throw new RangeError(`Sequence ${row} has no referenceLogp_T, but klCoefficient is not 0.`);
  }
  return { loss: coefficient * divergence.loss, slope: coefficient * divergence.slope };
}
