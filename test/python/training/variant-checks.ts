import type { EpisodeRecord } from '../../../src/types/episode.ts';
import type { Attempt, QuestionRecord, Reward } from '../../../src/types/question-record.ts';
import type { RunManifest } from '../../../src/types/run.ts';
import type { StepMetrics } from '../../../src/types/step-metrics.ts';
import { temperatures } from './world.ts';

/** What a variant's run left behind, for the check of what the variant changes. */
interface PlayedVariant {
  readonly manifest: RunManifest;
  /** Of the steps, in order. */
  readonly metrics: readonly StepMetrics[];
  readonly steps: readonly (readonly QuestionRecord[])[];
  /** How far the sampled log-probs are from those of the first weights: the largest, in nats. */
  readonly gapToReference: (
    episodes: readonly EpisodeRecord[],
    temperature: number,
  ) => Promise<number>;
}

/** The test's own assertions. */
interface Assert {
  ok(value: unknown, message: string): unknown;
  same(found: unknown, wanted: unknown, message: string): unknown;
}
type Check = (t: Assert, played: PlayedVariant) => void | Promise<void>;

/** Questions of a step of the runs. */
const batch = 6;

/** What tells each variant from the others, read from its records: a new variant adds its own. */
export const variantChecks: Readonly<Record<string, Check>> = {
  full: (t, played) => {
    noise(4)(t, played);
    pairs('batch', 'question')(t, played);
    t.ok(
      played.metrics.every(({ updates }) => updates.proposer === undefined),
      'one update',
    );
  },
  'solver-only': async (t, { steps, gapToReference }) => {
    t.same(advantagesOf(proposals(steps)).length, 0, 'no proposal trains');
    const frozen = proposals(steps).map(({ episode }) => episode);
    t.ok((await gapToReference(frozen, temperatures.proposer)) < 1e-4, 'the first weights propose');
    const learner = attempts(steps).map(({ episode }) => episode);
    t.ok((await gapToReference(learner, temperatures.solver)) > 1e-4, 'others solve');
  },
  'proposer-only': async (t, { steps, gapToReference }) => {
    t.same(advantagesOf(attempts(steps)).length, 0, 'no attempt trains');
    const frozen = attempts(steps).map(({ episode }) => episode);
    t.ok((await gapToReference(frozen, temperatures.solver)) < 1e-4, 'the first weights solve');
    const learner = proposals(steps).map(({ episode }) => episode);
    t.ok((await gapToReference(learner, temperatures.proposer)) > 1e-4, 'others propose');
  },
  'no-verification': (t, { metrics, steps }) => {
    t.ok(
      metrics.every(({ verifier }) => verifier === null),
      'nobody reads',
    );
    const records = steps.flat();
    t.ok(
      records.every(({ verification }) => verification === undefined),
      'no material',
    );
    const byFilter = ({ proposal }: QuestionRecord): boolean =>
      proposal?.verdict.kind !== 'rejected' || proposal.verdict.by === 'filter';
    t.ok(records.every(byFilter), 'the filter alone rejects');
  },
  'noise-0': noise(0),
  'noise-1': noise(1),
  'noise-4': noise(4),
  'noise-7': noise(7),
  'reinforce-reinforce': pairs('batch', 'batch'),
  'grpo-reinforce': pairs('seed', 'batch'),
  'reinforce-grpo': pairs('batch', 'question'),
  'grpo-grpo': pairs('seed', 'question'),
  'intermediate-difficulty': paid((success) => 4 * success * (1 - success), 0),
  'format-only': paid(() => 1, 0),
  'format-penalty': paid((success) => 1 - success, -0.1),
  'fill-dummy': (t, { metrics, steps }) => {
    for (const { batch: places } of metrics) {
      t.same(places.reused, 0, 'nothing is reused');
      t.same(places.fresh + places.dummy, batch, 'what is missing stays empty');
    }
    t.ok(
      steps.every((records) => records.length === batch),
      'nothing is proposed again',
    );
  },
  'fill-resample': (t, { metrics, steps }) => {
    for (const [i, { proposer, batch: places }] of metrics.entries()) {
      const proposed = proposer?.episodes ?? 0;
      const first = steps[i]?.slice(0, batch) ?? [];
      const areValid = first.every(({ proposal }) => proposal?.verdict.kind === 'valid');
      t.same(proposed > batch, !areValid, 'more is proposed where some was invalid');
      t.ok(places.fresh === batch || proposed >= batch + 3, 'three times, where it must');
      t.same(places.reused, 0, 'nothing is reused');
    }
  },
  'fill-reuse': reuses,
  'fill-reuse-reset': reuses,
  'separate-updates': (t, { metrics }) => {
    const updated = metrics.flatMap(({ updates }) => Object.keys(updates));
    t.same(new Set(updated), new Set(['solver', 'proposer']), 'a role at a time');
  },
  'shuffled-rewards': (t, { steps }) => {
    const groups = steps.map((records) => proposals([records]));
    const dealt = groups.map((group) => advantagesOf(group).map(rounded));
    const earned = groups.map((group) => standardized(rewardsOf(group)));
    t.same(dealt.map(sorted), earned.map(sorted), 'the rewards of the step');
    t.ok(JSON.stringify(dealt) !== JSON.stringify(earned), 'each for another proposal');
  },
  'baseline-none': raises(() => 0),
  'baseline-batch-mean': raises(mean),
  lora: (t, { manifest }) => {
    t.ok(manifest.model['mode'] === 'lora', 'an adapter is trained');
  },
};

/** Those whose difference the first step shows; of the others a second one is played. */
export const seenInOneStep: ReadonlySet<string> = new Set([
  ...['no-verification', 'noise-0', 'noise-1', 'noise-7', 'intermediate-difficulty', 'format-only'],
  ...['format-penalty', 'fill-dummy'],
  ...['reinforce-reinforce', 'grpo-reinforce', 'grpo-grpo', 'lora'],
]);

type Steps = PlayedVariant['steps'];
type Proposal = NonNullable<QuestionRecord['proposal']>;

function proposals(steps: Steps): Proposal[] {
  return steps.flat().flatMap(({ proposal }) => proposal ?? []);
}

function attempts(steps: Steps): Attempt[] {
  return steps.flat().flatMap((record) => record.attempts);
}

function advantagesOf(rollouts: readonly { readonly advantage?: number | undefined }[]): number[] {
  return rollouts.flatMap(({ advantage }) => advantage ?? []);
}

/** So many passages of noise are in every material. */
function noise(count: number): Check {
  return (t, { steps }) => {
    const read = steps.flat().flatMap(({ verification }) => verification ?? []);
    t.ok(read.length > 0, 'something was verified');
    t.same(new Set(read.map(({ noisePassages }) => noisePassages)), new Set([count]), 'noise');
  };
}

/** The proposer is paid `payoff` of the solver's mean success, or `invalid`. */
function paid(payoff: (success: number) => number, invalid: number): Check {
  return (t, { steps }) => {
    const records = steps.flat();
    const played = records.filter(({ place }) => place === 'fresh');
    t.ok(played.length > 0, 'something was played');
    for (const { proposal, attempts } of played) {
      const rewards = rewardsOf(attempts);
      t.same(rewardsOf([proposal ?? {}]).map(rounded), [rounded(payoff(mean(rewards)))], 'payoff');
    }
    const rejected = records.flatMap(({ proposal }) =>
      proposal?.verdict.kind === 'rejected' ? proposal : [],
    );
    t.ok(rejected.length > 0, 'something was rejected');
    t.same(new Set(rewardsOf(rejected)), new Set([invalid]), 'the reward of an invalid question');
  };
}

/**
 * Advantages are rewards in standard deviations from the mean of their group: the proposals of the
 * batch or for one seed, the attempts of the batch or at one question.
 */
function pairs(proposer: 'batch' | 'seed', solver: 'batch' | 'question'): Check {
  return (t, { steps }) => {
    const perSeed = 5;
    const seedOf = ({ index }: QuestionRecord): number => Math.floor(index / perSeed);
    const ofSeeds = steps.flatMap((records) =>
      [...Map.groupBy(records, seedOf).values()].map((group) => proposals([group])),
    );
    const ofBatches = steps.map((records) => proposals([records]));
    areStandardized(t, proposer === 'seed' ? ofSeeds : ofBatches, 'proposals');
    t.same(ofBatches[0]?.length, proposer === 'seed' ? batch * perSeed : batch, 'proposals');
    const ofQuestions = steps.flat().map((record) => record.attempts);
    const ofSteps = steps.map((records) => attempts([records]));
    areStandardized(t, solver === 'question' ? ofQuestions : ofSteps, 'attempts');
  };
}

interface Rollout {
  readonly reward?: Reward | undefined;
  readonly advantage?: number | undefined;
}

/** Advantages are the step's rewards above a baseline. */
function raises(baseline: (rewards: readonly number[]) => number): Check {
  return (t, { steps }) => {
    for (const records of steps) {
      const group = proposals([records]);
      const rewards = rewardsOf(group);
      const expected = rewards.map((reward) => rounded(reward - baseline(rewards)));
      t.same(advantagesOf(group).map(rounded), expected, 'rewards above the baseline');
    }
    t.ok(rewardsOf(proposals(steps)).some(Boolean), 'something was paid');
  };
}

function areStandardized(t: Assert, groups: readonly (readonly Rollout[])[], what: string): void {
  for (const group of groups) {
    const expected = standardized(rewardsOf(group));
    t.same(advantagesOf(group).map(rounded), expected, `advantages of ${what}`);
  }
  t.ok(advantagesOf(groups.flat()).some(Boolean), `${what} differ in reward`);
}

/** In standard deviations from the mean. */
function standardized(rewards: readonly number[]): number[] {
  const middle = mean(rewards);
  const squares = rewards.reduce((sum, reward) => sum + (reward - middle) ** 2, 0);
  const scale = Math.sqrt(squares / Math.max(rewards.length - 1, 1)) + 1e-6;
  return rewards.map((reward) => rounded((reward - middle) / scale));
}

function sorted(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}

/** Earlier questions take the places of invalid ones; nothing is forgotten within two steps. */
function reuses(t: Assert, { metrics, steps }: PlayedVariant): void {
  const pool = new Set<string>();
  for (const [i, records] of steps.entries()) {
    const asked = (place: QuestionRecord['place']): string[] =>
      records.flatMap((record) => (record.place === place ? (record.question ?? []) : []));
    const fresh = asked('fresh');
    const others = [...pool].filter((question) => !fresh.includes(question));
    const reused = asked('reused');
    t.same(reused.length, Math.min(batch - fresh.length, others.length), 'places are filled');
    t.ok(
      reused.every((question) => others.includes(question)),
      'by questions of earlier steps',
    );
    for (const question of fresh) pool.add(question);
    t.same(metrics[i]?.poolQuestions, pool.size, 'all that was played is kept');
  }
}

function rewardsOf(rollouts: readonly Rollout[]): number[] {
  return rollouts.flatMap(({ reward }) => (reward?.kind === 'reward' ? reward.reward : []));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
}

/** To six digits, without a minus before 0. */
function rounded(value: number): number {
  return Math.round(1e6 * value) / 1e6 + 0;
}
