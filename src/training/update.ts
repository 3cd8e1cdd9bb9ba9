import type { PolicyClient } from '../clients/policy/policy-client.ts';
import type { TrainingConfig } from '../config/training.ts';
import { SspError } from '../errors/error.ts';
import { sampledTokens } from '../game/training-sequence.ts';
import type { PolicyLoss } from '../objective/policy-loss.ts';
import { policyLoss } from '../objective/policy-loss.ts';
import type { Progress } from '../progress/progress.ts';
import type { UpdateFacts } from '../types/step-metrics.ts';
import { miniBatches } from './mini-batches.ts';
import type { Sample } from './samples.ts';
import { meanOf, WeightedMean } from './step-metrics.ts';
import type { StepTimer } from './step-timer.ts';

/** With what an update is made. */
export interface UpdateOptions {
  readonly client: PolicyClient;
  readonly training: TrainingConfig;
  /** Temperatures that the samples were drawn at, by role. */
  readonly temperatures: Readonly<Record<Sample['role'], number>>;
  readonly timer: StepTimer;
  /** Of the run, counted from 1: named where progress is shown. */
  readonly step: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What is learnt from in one go, and how fast. */
export interface UpdatePart {
  readonly samples: readonly Sample[];
  readonly learningRate: number;
}

/** A sample with its log-probs, each [T] in nats; NaN where no token was sampled. */
interface ScoredSample {
  readonly sample: Sample;
  /** Under the weights that sampled it. */
  readonly oldLogp_T: readonly number[];
  readonly logp_T: readonly number[];
  readonly referenceLogp_T: readonly number[] | undefined;
  readonly entropy_T: readonly number[];
}

/** Tokens that go into one request of scoring or training. */
const requestTokens = 131_072;

/**
 * Learns from the samples, one part after the other: one optimizer step for each of its
 * {@link miniBatches}. A part is scored when its turn comes, so the old log-probs of a second one are of
 * the weights that the first has made. `version` is the weights version that sampled all of them; the
 * new one comes back, with the facts of each part. Throws SSP_TRAINING_WEIGHTS_CHANGED where the service
 * has other weights, and the SSP_POLICY_ errors. No samples change nothing.
 */
export async function updatePolicy(
  parts: readonly UpdatePart[],
  version: string,
  options: UpdateOptions,
): Promise<{ facts: UpdateFacts[]; version: string }> {
  const facts: UpdateFacts[] = [];
  let current = version;
  for (const part of parts) {
    const scored = await options.timer.run('score', () => score(part.samples, current, options));
    const { dualClip } = options.training;
    const tally = new UpdateTally(scored, current === version, dualClip !== undefined);
    current = await learnFrom(scored, current, part.learningRate, tally, options);
    facts.push({ ...tally.facts(), learningRate: part.learningRate });
  }
  return { facts, version: current };
}

/** Takes the steps of one part; gives the version of the weights after them. */
async function learnFrom(
  scored: readonly ScoredSample[],
  version: string,
  learningRate: number,
  tally: UpdateTally,
  options: UpdateOptions,
): Promise<string> {
  const { training, timer } = options;
  let current = version;
  for (const miniBatch of miniBatches(scored, ({ sample }) => sample, training)) {
    const fresh = current === version ? miniBatch : await rescored(miniBatch, options);
    const loss = lossOf(fresh, training);
    if (loss.weights_B_T.every((weights_T) => weights_T.every((weight) => weight === 0))) continue;
    const step = await timer.run('update', () => descend(fresh, loss, learningRate, options));
    tally.add(loss, step.gradNorm);
    current = step.weightsVersion;
  }
  return current;
}

/** Log-probs of the samples under the policy and, where it is needed, under the reference. */
async function score(
  samples: readonly Sample[],
  version: string,
  { client, training, temperatures, step, progress, signal }: UpdateOptions,
): Promise<ScoredSample[]> {
  const scored: ScoredSample[] = [];
  const stage = progress.stage(`step ${step}, score`, 'rollouts', samples.length);
  for (const { role, part } of requestsOf(samples, (sample) => sample)) {
    const temperature = temperatures[role];
    const request = { ...sampledTokens(part), temperature };
    const scores = await client.logProbs({ ...request, entropy: true }, signal);
    const found = scores.weightsVersion;
    if (found !== version) {
      throw new SspError('SSP_TRAINING_WEIGHTS_CHANGED', { found, expected: version });
    }
    const reference =
      training.klCoefficient === 0
        ? undefined
        : await client.logProbs({ ...request, model: 'reference' }, signal);
    for (const [i, sample] of part.entries()) {
      const logp_T = scores.logProbs[i] ?? [];
      const oldLogp_T = training.oldLogProbs === 'sampler' ? sample.sampledLogp_T : logp_T;
      const referenceLogp_T = reference?.logProbs[i];
      const entropy_T = scores.entropies[i] ?? [];
      scored.push({ sample, oldLogp_T, logp_T, referenceLogp_T, entropy_T });
    }
    stage.add(part.length);
  }
  return scored;
}

/** The samples with their log-probs under the weights of now. */
async function rescored(
  miniBatch: readonly ScoredSample[],
  { client, temperatures, timer, signal }: UpdateOptions,
): Promise<ScoredSample[]> {
  const rescoredParts: ScoredSample[][] = [];
  for (const { role, part } of requestsOf(miniBatch, ({ sample }) => sample)) {
    const temperature = temperatures[role];
    const request = { ...sampledTokens(part.map(({ sample }) => sample)), temperature };
    const scores = await timer.run('score', () => client.logProbs(request, signal));
    rescoredParts.push(part.map((one, i) => ({ ...one, logp_T: scores.logProbs[i] ?? [] })));
  }
  return rescoredParts.flat();
}

function lossOf(scored: readonly ScoredSample[], training: TrainingConfig): PolicyLoss {
  const { clipLow, clipHigh, dualClip, maxLogRatio, klCoefficient, aggregation } = training;
  const lossWeights = { proposer: training.proposerLossWeight, solver: 1 };
  const sequences = scored.map(({ sample, logp_T, oldLogp_T, referenceLogp_T }) => ({
    ...{ logp_T, oldLogp_T, mask_T: sample.mask_T, advantage: sample.advantage },
    ...(referenceLogp_T && { referenceLogp_T }),
    lossWeight: lossWeights[sample.role],
  }));
  return policyLoss(sequences, {
    ...{ clipLow, clipHigh, dualClip, maxLogRatio, klCoefficient, aggregation },
    maxDivergence: training.klMaxDivergence,
  });
}

/** Sends the gradient in parts, then steps. */
async function descend(
  miniBatch: readonly ScoredSample[],
  { weights_B_T }: PolicyLoss,
  learningRate: number,
  { client, training, temperatures, step, progress, signal }: UpdateOptions,
): Promise<{ gradNorm: number; weightsVersion: string }> {
  const weighted = miniBatch
    .map(({ sample }, i) => ({ sample, weights: Array.from(weights_B_T[i] ?? []) }))
    .filter(({ weights }) => weights.some((weight) => weight !== 0));
  const stage = progress.stage(`step ${step}, update`, 'rollouts', weighted.length);
  for (const { role, part } of requestsOf(weighted, ({ sample }) => sample)) {
    const sequences = part.map(({ sample, weights }) => ({ tokens: sample.tokens_T, weights }));
    await client.backward(sequences, { temperature: temperatures[role], signal });
    stage.add(part.length);
  }
  const { beta1, beta2, weightDecay, maxGradNorm } = training;
  const adamW = { lr: learningRate, betas: [beta1, beta2] as const, weightDecay, maxGradNorm };
  return client.step(adamW, signal);
}

/** The items in their order, in parts of one role and about {@link requestTokens} tokens. */
function requestsOf<Item>(
  items: readonly Item[],
  sampleOf: (item: Item) => Sample,
): { role: Sample['role']; part: Item[] }[] {
  const requests: { role: Sample['role']; part: Item[] }[] = [];
  let tokens = 0;
  for (const item of items) {
    const { role, tokens_T } = sampleOf(item);
    tokens += tokens_T.length;
    const last = requests.at(-1);
    if (last?.role === role && tokens <= requestTokens) {
      last.part.push(item);
    } else {
      requests.push({ role, part: [item] });
      tokens = tokens_T.length;
    }
  }
  return requests;
}

/** The facts of one part's update; means weigh trained tokens. */
class UpdateTally {
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
   * Takes what is known of all samples before the first optimizer step. There is no gap to the sampler
   * where the weights that scored are others than those that sampled.
   */
  constructor(scored: readonly ScoredSample[], isSampler: boolean, hasDualClip: boolean) {
    this.#sequences = scored.length;
    this.#hasDualClip = hasDualClip;
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
