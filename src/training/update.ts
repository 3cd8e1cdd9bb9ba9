import type { Scores } from '../clients/policy/policy-calls.ts';
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
import type { StepTimer } from './step-timer.ts';
import type { ScoredSample } from './update-tally.ts';
import { UpdateTally } from './update-tally.ts';

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

/** Tokens that go into one request of scoring or training. */
const requestTokens = 131_072;

/**
 * Learns from the samples, one part after the other: one optimizer step for each of its
 * {@link miniBatches}. A part is scored when its turn comes, so the old log-probs of a second one are of
 * the weights that the first has made; where it takes a single step without a KL term, in the pass that
 * makes its gradient. `version` is the weights version that sampled all of them; the
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
    const learn = takesOneStep(part.samples, options.training) ? learnAtOnce : learnFromScored;
    const learnt = await learn(part, current, current === version, options);
    facts.push({ ...learnt.facts, learningRate: part.learningRate });
    current = learnt.version;
  }
  return { facts, version: current };
}

/** What came of one part. */
interface Learnt {
  readonly facts: Omit<UpdateFacts, 'learningRate'>;
  /** Of the weights after it. */
  readonly version: string;
}

/** Whether a part's only optimizer step is taken at the weights that its old log-probs are of. */
function takesOneStep(samples: readonly Sample[], training: TrainingConfig): boolean {
  const { klCoefficient, oldLogProbs } = training;
  return (
    klCoefficient === 0 &&
    oldLogProbs === 'trainer' &&
    miniBatches(samples, (sample) => sample, training).length === 1
  );
}

/** Learns from a part in one pass: all its ratios are 1, so that the loss needs no log-probs first. */
async function learnAtOnce(
  { samples, learningRate }: UpdatePart,
  version: string,
  isSampler: boolean,
  options: UpdateOptions,
): Promise<Learnt> {
  const unscored = samples.map((sample) => {
    const logp_T = sample.mask_T.map(() => 0); // any number: only differences count
    return { sample, oldLogp_T: logp_T, logp_T, referenceLogp_T: undefined, entropy_T: [] };
  });
  const loss = lossOf(unscored, options.training);
  const pass = { loss, learningRate, scores: version };
  const step = hasGradient(loss)
    ? await options.timer.run('update', () => descend(unscored, pass, options))
    : undefined;
  const tally = new UpdateTally(step?.scored ?? [], isSampler, options.training);
  if (step !== undefined) tally.add(loss, step.gradNorm);
  const facts = { ...tally.facts(), sequences: samples.length };
  return { facts, version: step?.weightsVersion ?? version };
}

/** Scores a part, then takes its steps. */
async function learnFromScored(
  { samples, learningRate }: UpdatePart,
  version: string,
  isSampler: boolean,
  options: UpdateOptions,
): Promise<Learnt> {
  const { training, timer } = options;
  const scored = await timer.run('score', () => score(samples, version, options));
  const tally = new UpdateTally(scored, isSampler, training);
  let current = version;
  for (const miniBatch of miniBatches(scored, ({ sample }) => sample, training)) {
    const fresh = current === version ? miniBatch : await rescored(miniBatch, options);
    const loss = lossOf(fresh, training);
    if (!hasGradient(loss)) continue;
    const step = await timer.run('update', () => descend(fresh, { loss, learningRate }, options));
    tally.add(loss, step.gradNorm);
    current = step.weightsVersion;
  }
  return { facts: tally.facts(), version: current };
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
    checkVersion(scores, version);
    const reference =
      training.klCoefficient === 0
        ? undefined
        : await client.logProbs({ ...request, model: 'reference' }, signal);
    for (const [i, sample] of part.entries()) {
      const { logp_T, entropy_T } = scoresAt(scores, i);
      const oldLogp_T = training.oldLogProbs === 'sampler' ? sample.sampledLogp_T : logp_T;
      const referenceLogp_T = reference?.logProbs[i];
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

/** How a mini-batch goes down its loss. */
interface Descent {
  readonly loss: PolicyLoss;
  readonly learningRate: number;
  /** Score what has a gradient in the same pass: the version of the weights that must do it. */
  readonly scores?: string;
}

/** A step that was taken, and the samples with their scores where the descent asked for them. */
interface Descended {
  readonly gradNorm: number;
  readonly weightsVersion: string;
  readonly scored: readonly ScoredSample[];
}

/** Sends the gradient in parts, then steps. */
async function descend(
  miniBatch: readonly ScoredSample[],
  { loss: { weights_B_T }, learningRate, scores }: Descent,
  { client, training, temperatures, step, progress, signal }: UpdateOptions,
): Promise<Descended> {
  const weighted = miniBatch
    .map((one, i) => ({ ...one, weights: Array.from(weights_B_T[i] ?? []) }))
    .filter(({ weights }) => weights.some((weight) => weight !== 0));
  const stage = progress.stage(`step ${step}, update`, 'rollouts', weighted.length);
  const scored: ScoredSample[] = [];
  for (const { role, part } of requestsOf(weighted, ({ sample }) => sample)) {
    const sequences = part.map(({ sample, weights }) => ({ tokens: sample.tokens_T, weights }));
    const options = { temperature: temperatures[role], scores: scores !== undefined, signal };
    const reply = await client.backward(sequences, options);
    if (scores !== undefined) {
      checkVersion(reply, scores);
      scored.push(...part.map((one, i) => ({ ...one, ...scoresAt(reply, i) })));
    }
    stage.add(part.length);
  }
  const { beta1, beta2, weightDecay, maxGradNorm } = training;
  const adamW = { lr: learningRate, betas: [beta1, beta2] as const, weightDecay, maxGradNorm };
  return { ...(await client.step(adamW, signal)), scored };
}

function scoresAt(
  { logProbs, entropies }: Pick<Scores, 'logProbs' | 'entropies'>,
  i: number,
): Pick<ScoredSample, 'logp_T' | 'entropy_T'> {
  return { logp_T: logProbs[i] ?? [], entropy_T: entropies[i] ?? [] };
}

function checkVersion({ weightsVersion }: Pick<Scores, 'weightsVersion'>, expected: string): void {
  if (weightsVersion === expected) return;
  throw new SspError('SSP_TRAINING_WEIGHTS_CHANGED', { found: weightsVersion, expected });
}

function hasGradient({ weights_B_T }: PolicyLoss): boolean {
  return weights_B_T.some((weights_T) => weights_T.some((weight) => weight !== 0));
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
