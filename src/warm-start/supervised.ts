import type { PolicyClient } from '../clients/policy/policy-client.ts';
import type { TokenSequence } from '../game/training-sequence.ts';
import { sampledTokens, tokenSequence } from '../game/training-sequence.ts';
import type { EpisodeRecord } from '../types/episode.ts';

/** What the loop asks of the policy service. */
export type Learner = Pick<PolicyClient, 'logProbs' | 'backward' | 'step' | 'zero'>;

/** Tokens that go into one request. */
const requestTokens = 65_536;

/**
 * The mean negative log-probability of the tokens that the player of each episode said, in nats; 0 for
 * no episodes.
 */
export async function meanLoss(
  episodes: readonly EpisodeRecord[],
  learner: Learner,
  signal: AbortSignal,
): Promise<number> {
  let sum = 0;
  let tokens = 0;
  for (const part of requestsOf(episodes.map(tokenSequence))) {
    const { logProbs } = await learner.logProbs(sampledTokens(part), signal);
    for (const [i, { mask_T }] of part.entries()) {
      for (const [t, isSaid] of mask_T.entries()) {
        if (isSaid === 0) continue;
        sum -= logProbs[i]?.[t] ?? 0;
        tokens += 1;
      }
    }
  }
  return tokens === 0 ? 0 : sum / tokens;
}

/**
 * One step down the mean negative log-probability of the batch; gives it, in nats, as it was before.
 * Each token that a player said weighs the same.
 */
export async function learnFrom(
  batch: readonly EpisodeRecord[],
  { learningRate, maxGradNorm }: { readonly learningRate: number; readonly maxGradNorm: number },
  learner: Learner,
  signal: AbortSignal,
): Promise<number> {
  const all = batch.map(tokenSequence);
  const said = all.reduce((sum, { mask_T }) => sum + mask_T.filter((one) => one === 1).length, 0);
  let loss = 0;
  for (const part of requestsOf(all)) {
    const sequences = part.map(({ tokens_T, mask_T }) => ({
      tokens: tokens_T,
      weights: mask_T.map((isSaid) => (isSaid === 1 ? -1 / said : 0)),
    }));
    loss += (await learner.backward(sequences, { signal })).sum;
  }
  await learner.step({ lr: learningRate, weightDecay: 0, maxGradNorm }, signal);
  return loss;
}

/** Linear up over `warmupSteps`, then a half cosine down to a tenth at the last of `steps`. */
export function learningRateAt(
  step: number,
  { learningRate, warmupSteps }: { readonly learningRate: number; readonly warmupSteps: number },
  steps: number,
): number {
  if (step < warmupSteps) return (learningRate * (step + 1)) / (warmupSteps + 1);
  const done = (step - warmupSteps) / Math.max(steps - warmupSteps - 1, 1);
  return learningRate * (0.1 + 0.45 * (1 + Math.cos(Math.PI * Math.min(done, 1))));
}

function requestsOf(all: readonly TokenSequence[]): TokenSequence[][] {
  const requests: TokenSequence[][] = [];
  let tokens = Infinity;
  for (const one of all) {
    tokens += one.tokens_T.length;
    if (tokens > requestTokens) {
      requests.push([]);
      tokens = one.tokens_T.length;
    }
    requests.at(-1)?.push(one);
  }
  return requests;
}
