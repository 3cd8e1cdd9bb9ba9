import { answersToResample, fillBatch } from '../game/fill.ts';
import { addToPool, resetPool } from '../game/replay-pool.ts';
import { proposerReward, successRate } from '../game/rewards.ts';
import type { ProposalVerdict, QuestionRecord, Reward } from '../types/question-record.ts';
import type { PlayedQuestion, ReplayPool } from '../types/replay-pool.ts';
import type { Seed } from '../types/seed.ts';
import { propose } from './propose.ts';
import { solve } from './solve.ts';
import type { StepContext } from './step-context.ts';
import type { StepTimer } from './step-timer.ts';
import { verify } from './verify.ts';

/** One step as it was played, before anything is learnt from it. */
export interface PlayedStep {
  /** All records of the step, by index. */
  readonly records: readonly QuestionRecord[];
  /** Places of the solver's batch that nothing could fill. */
  readonly dummies: number;
  /** The replay pool after the step. */
  readonly pool: ReplayPool;
}

/**
 * Plays a step: propose, filter, verify, fill the batch, solve, reward. `takeSeeds` gives the next
 * answers of the run.
 */
export async function playStep(
  takeSeeds: (count: number) => readonly Seed[],
  pool: ReplayPool,
  context: StepContext,
  timer: StepTimer,
): Promise<PlayedStep> {
  const proposed = await proposeRounds(takeSeeds, context, timer);
  const { records, dummies } = placeQuestions(proposed, pool, context);
  const solved = await timer.run('solve', () => solve(records, context));
  const rewarded = solved.map((record) => withProposerReward(record, context));
  return { records: rewarded, dummies, pool: poolAfter(rewarded, pool, context) };
}

/** Proposes and verifies; again for further answers where the strategy resamples. */
async function proposeRounds(
  takeSeeds: (count: number) => readonly Seed[],
  context: StepContext,
  timer: StepTimer,
): Promise<QuestionRecord[]> {
  const { training, table } = context;
  let all: QuestionRecord[] = [];
  let seeds = takeSeeds(training.batchQuestions);
  for (let rounds = 0; seeds.length > 0; rounds += 1) {
    const earlier = all;
    const proposed = await timer.run('propose', () => propose(seeds, earlier.length, context));
    const verified = await timer.run('verify', () => verify(proposed, earlier, context));
    all = [...all, ...verified];
    const missing = batchSize(context) - all.filter(isValid).length;
    const further = answersToResample(table.parts.game.fill, { missing, rounds });
    seeds = further === 0 ? [] : takeSeeds(Math.ceil(further / training.proposals));
  }
  return all;
}

function batchSize({ training }: StepContext): number {
  return training.batchQuestions * training.proposals;
}

function isValid({ proposal }: QuestionRecord): boolean {
  return proposal?.verdict.kind === 'valid';
}

/** Marks the valid questions that are played, and adds the reused ones. */
function placeQuestions(
  proposed: readonly QuestionRecord[],
  pool: ReplayPool,
  context: StepContext,
): { records: QuestionRecord[]; dummies: number } {
  const { step, table, random } = context;
  const fresh = proposed.flatMap((record) =>
    isValid(record) && record.question !== undefined
      ? [{ question: record.question, index: record.index }]
      : [],
  );
  const { fill } = table.parts.game;
  const places = fillBatch(fresh, batchSize(context), fill, pool, random('fill'));
  const kept = new Set(
    places.flatMap((place) => (place.kind === 'fresh' ? place.question.index : [])),
  );
  const reused = places
    .flatMap((place) => (place.kind === 'reused' ? place.question : []))
    .map(({ question, answers }, i): QuestionRecord => {
      const index = proposed.length + i;
      return { step, index, question, answers, place: 'reused', attempts: [] };
    });
  const records = proposed.map((record): QuestionRecord =>
    kept.has(record.index) ? { ...record, place: 'fresh' } : record,
  );
  const dummies = places.filter(({ kind }) => kind === 'dummy').length;
  return { records: [...records, ...reused], dummies };
}

function withProposerReward(
  record: QuestionRecord,
  { table: { parts } }: StepContext,
): QuestionRecord {
  const { proposal, place, attempts } = record;
  if (proposal === undefined) return record;
  const { verdict } = proposal;
  if (verdict.kind === 'valid' && place === 'none') return record;
  const rewards = attempts.map(({ reward }) => reward);
  const reward = proposerReward(proposalResult(verdict, rewards), parts.game.proposerReward);
  return { ...record, proposal: { ...proposal, reward } };
}

function proposalResult(verdict: ProposalVerdict, attempts: readonly Reward[]) {
  switch (verdict.kind) {
    case 'failed':
      return verdict;
    case 'rejected':
      return { kind: 'invalid' } as const;
    case 'valid':
      return { kind: 'played', attempts } as const;
  }
}

/** The pool with what was played, emptied where the strategy says so. */
function poolAfter(
  records: readonly QuestionRecord[],
  pool: ReplayPool,
  { step, table }: StepContext,
): ReplayPool {
  const { fill } = table.parts.game;
  if (fill.kind !== 'reuse') return pool;
  const played = records.flatMap(({ question, answers, attempts }): PlayedQuestion[] => {
    const rate = successRate(attempts.map(({ reward }) => reward));
    return question === undefined || rate === undefined
      ? []
      : [{ question, answers, successRate: rate }];
  });
  return resetPool(addToPool(pool, played), step, fill.resetEverySteps);
}
