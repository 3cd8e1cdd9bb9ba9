import { successRate } from '../game/rewards.ts';
import { compactDuration } from '../progress/progress.ts';
import { countOutcomes } from '../rollout/play-episode.ts';
import type { EpisodeRecord } from '../types/episode.ts';
import type { QuestionRecord, Reward } from '../types/question-record.ts';
import type { EpisodeFacts, StepMetrics, StepTimings } from '../types/step-metrics.ts';
import { depthOfValid, factsByDepth, proposalFacts } from './depth-metrics.ts';
import { meanOf } from './means.ts';

type Updates = StepMetrics['updates'];

/** What of a step its records do not say. */
export interface BesideRecords {
  readonly step: number;
  readonly dummies: number;
  readonly poolQuestions: number;
  readonly updates: Updates;
  readonly validation: Validations | null;
  /** False for a run on given questions: it has no proposer, and no facts of one. */
  readonly isProposed: boolean;
}

/** The scores of one validation: on the set that decides, and on further ones. */
export type Validations = Pick<StepMetrics, 'furtherValidation'> & {
  readonly validation: NonNullable<StepMetrics['validation']>;
};

/** The metrics of a step; without records those of the state before training. */
export function stepMetrics(
  records: readonly QuestionRecord[],
  { step, dummies, poolQuestions, updates, validation, isProposed }: BesideRecords,
): Omit<StepMetrics, 'watch'> {
  const readings = records.flatMap(({ verification }) => verification?.episode ?? []);
  const inBatch = (place: QuestionRecord['place']): number =>
    records.filter((record) => record.place === place).length;
  return {
    step,
    proposer: isProposed ? proposerMetrics(records) : null,
    verifier: readings.length === 0 ? null : episodeFacts(readings),
    batch: {
      ...{ fresh: inBatch('fresh'), reused: inBatch('reused'), dummy: dummies },
      ...(!isProposed && { given: inBatch('given') }),
    },
    poolQuestions,
    solver: solverMetrics(records),
    updates,
    truth: truthCounts(records),
    ...(validation ?? { validation: null }),
  };
}

function proposerMetrics(records: readonly QuestionRecord[]): NonNullable<StepMetrics['proposer']> {
  const proposals = records.flatMap(({ proposal }) => proposal ?? []);
  const facts = episodeFacts(proposals.map(({ episode }) => episode));
  const verdicts = proposals.map(({ verdict }) => verdict);
  const valid = verdicts.filter(({ kind }) => kind === 'valid').length;
  const judged = verdicts.filter(({ kind }) => kind !== 'failed').length;
  const success = records
    .filter(({ place }) => place === 'fresh')
    .flatMap(({ attempts }) => successRate(attempts.map(({ reward }) => reward)) ?? []);
  const meanSuccess = meanOf(success);
  const failedReadings = verdicts.filter(
    (verdict) => verdict.kind === 'failed' && verdict.failure === 'judge',
  );
  const contained = records.filter(({ verification }) => verification?.acceptedBy !== undefined);
  return {
    ...facts,
    failures: { ...facts.failures, judge: failedReadings.length },
    valid,
    validRate: judged === 0 ? null : valid / judged,
    ...(contained.length > 0 && { validByContainment: contained.length }),
    rejected: tally(verdicts.flatMap((verdict) => ('reason' in verdict ? verdict.reason : []))),
    reward: meanOf(rewardsOf(proposals.flatMap(({ reward }) => reward ?? []))),
    difficulty: meanSuccess === null ? null : 1 - meanSuccess,
    hops: meanOf(records.flatMap(({ seed }) => seed?.hops ?? [])),
    questionWords: meanOf(
      records.flatMap(({ proposal, question }) =>
        proposal === undefined || question === undefined ? [] : question.split(/\s+/).length,
      ),
    ),
    topics: tally(records.flatMap(({ seed }) => seed?.topic ?? [])),
    byDepth: factsByDepth(records.flatMap((record) => proposalFacts(record) ?? [])),
  };
}

function solverMetrics(records: readonly QuestionRecord[]): StepMetrics['solver'] {
  const groups = records
    .map(({ attempts }) => rewardsOf(attempts.map(({ reward }) => reward)))
    .filter((rewards) => rewards.length > 0);
  const attempts = records.flatMap((record) => record.attempts);
  const facts = episodeFacts(attempts.map(({ episode }) => episode));
  const failedGrades = attempts.filter(({ judged }) => judged === 'failed');
  return {
    ...facts,
    failures: { ...facts.failures, judge: failedGrades.length },
    reward: meanOf(groups.flat()),
    groups: groups.length,
    mixedGroups: groups.filter((rewards) => new Set(rewards).size > 1).length,
  };
}

function truthCounts(records: readonly QuestionRecord[]): StepMetrics['truth'] {
  const truths = records.flatMap(({ truth }) => truth ?? []);
  if (truths.length === 0) return null;
  const times = (truth: string): number => truths.filter((one) => one === truth).length;
  return { true: times('true'), false: times('false'), unreadable: times('unreadable') };
}

/** Counts and means of a role's episodes. */
function episodeFacts(episodes: readonly EpisodeRecord[]): EpisodeFacts {
  const { outcomes, failures } = countOutcomes(episodes);
  const ended = episodes.filter(({ outcome }) => outcome.kind !== 'failed');
  const stepsOf = (kind: string) => (episode: EpisodeRecord) =>
    episode.steps.filter((step) => step.kind === kind);
  const tokens = (steps: EpisodeRecord['steps']): number =>
    steps.reduce((sum, step) => sum + step.tokens.length, 0);
  return {
    episodes: episodes.length,
    outcomes,
    failures,
    turns: meanOf(ended.map((episode) => stepsOf('sampled')(episode).length)),
    searches: meanOf(ended.map((episode) => stepsOf('result')(episode).length)),
    responseTokens: meanOf(ended.map(({ steps }) => tokens(steps))),
    sampledTokens: meanOf(ended.map((episode) => tokens(stepsOf('sampled')(episode)))),
  };
}

function rewardsOf(rewards: readonly Reward[]): number[] {
  return rewards.flatMap((reward) => (reward.kind === 'reward' ? reward.reward : []));
}

/** How often each, in alphabetical order. */
function tally<Name extends string>(names: readonly Name[]): Record<Name, number> {
  const counts = new Map<Name, number>();
  for (const name of names.toSorted()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(counts) as Record<Name, number>;
}

/** One step for the eye: what it gave, what it took, and how long the rest will take. */
export function stepLine(
  metrics: StepMetrics,
  { total }: StepTimings['seconds'],
  steps: number,
): string {
  const { step, validation, furtherValidation = {} } = metrics;
  const scored = [
    ...(validation === null ? [] : [`validation ${validationText(validation)}`]),
    ...Object.entries(furtherValidation).map(([set, scores]) => `${set} ${validationText(scores)}`),
  ];
  const played = step === 0 ? [] : playedTexts(metrics);
  const time = `${total.toFixed(1)} s`;
  const left = step === 0 ? [] : [`ETA ${compactDuration((steps - step) * total * 1000)}`];
  return `step ${step}/${steps}: ${[...played, ...scored, time, ...left].join(', ')}`;
}

/** What was played; of the proposer only where there is one. */
function playedTexts({ proposer, batch, solver, truth }: StepMetrics): string[] {
  const reward = `solver ${percent(solver.reward)}`;
  if (proposer === null) {
    return [`questions ${batch.given ?? 0}`, reward, `searches ${number(solver.searches)}`];
  }
  const depth = depthOfValid(proposer.byDepth ?? {});
  return [
    `valid ${percent(proposer.validRate)}`,
    ...(depth === null ? [] : [`depth ${number(depth)}`]),
    ...(truth === null ? [] : [`true ${share(truth.true, proposer.valid)}`]),
    `batch ${batch.fresh}+${batch.reused}`,
    reward,
    `searches ${number(proposer.searches)}/${number(solver.searches)}`,
  ];
}

function validationText({
  exactMatch,
  exactMatchByHops,
  judge,
}: NonNullable<StepMetrics['validation']>): string {
  const judged = judge === undefined ? '' : `, judge ${judge?.toFixed(3) ?? 'none'}`;
  const byHops = Object.values(exactMatchByHops).map((value) => value.toFixed(2));
  const parts = byHops.length === 0 ? '' : ` (${byHops.join(' ')})`;
  return `${exactMatch?.toFixed(3) ?? 'none'}${parts}${judged}`;
}

function share(part: number, whole: number): string {
  return percent(whole === 0 ? null : part / whole);
}

function percent(value: number | null): string {
  return value === null ? '-' : `${Math.round(100 * value)}%`;
}

function number(value: number | null): string {
  return value === null ? '-' : value.toFixed(1);
}
