import { answersToResample, fillBatch } from '../game/fill.ts';
import { renderPrompt, renderProposerPrompt } from '../game/prompt.ts';
import { addToPool, resetPool } from '../game/replay-pool.ts';
import { proposerReward, solverReward, successRate } from '../game/rewards.ts';
import { filterQuestion } from '../game/rule-filter.ts';
import type { EpisodeRecord } from '../types/episode.ts';
import type {
  Attempt,
  PlayedQuestion,
  ProposalVerdict,
  QuestionRecord,
  ReplayPool,
  Reward,
} from '../types/question-record.ts';
import type { Seed } from '../types/seed.ts';
import type { StepContext } from './rollouts.ts';
import { phase } from './rollouts.ts';
import type { StepTimer } from './step-timer.ts';
import { judgement, verify } from './verify.ts';

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
  const { training, rollouts } = context;
  let all: QuestionRecord[] = [];
  let seeds = takeSeeds(training.batchQuestions);
  for (let rounds = 0; seeds.length > 0; rounds += 1) {
    const earlier = all;
    const proposed = await timer.run('propose', () => propose(seeds, earlier.length, context));
    const verified = await timer.run('verify', () => verify(proposed, earlier, context));
    all = [...all, ...verified];
    const missing = batchSize(context) - all.filter(isValid).length;
    const further = answersToResample(rollouts.parts.game.fill, { missing, rounds });
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
  const { step, rollouts, random } = context;
  const fresh = proposed.flatMap((record) =>
    isValid(record) && record.question !== undefined
      ? [{ question: record.question, index: record.index }]
      : [],
  );
  const { fill } = rollouts.parts.game;
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
  { rollouts: { parts } }: StepContext,
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
  { step, rollouts }: StepContext,
): ReplayPool {
  const { fill } = rollouts.parts.game;
  if (fill.kind !== 'reuse') return pool;
  const played = records.flatMap(({ question, answers, attempts }): PlayedQuestion[] => {
    const rate = successRate(attempts.map(({ reward }) => reward));
    return question === undefined || rate === undefined
      ? []
      : [{ question, answers, successRate: rate }];
  });
  return resetPool(addToPool(pool, played), step, fill.resetEverySteps);
}

/**
 * Asks for a question for each seed, `training.proposals` times, and applies the rule filter. The
 * records of one seed stand side by side; what passed has the verdict `valid` for now. `from` is the
 * index of the first record.
 */
async function propose(
  seeds: readonly Seed[],
  from: number,
  context: StepContext,
): Promise<QuestionRecord[]> {
  const { rollouts, training, random } = context;
  const { format } = rollouts.parts.game;
  const tasks = seeds.flatMap((seed) => Array.from({ length: training.proposals }, () => seed));
  const starts = tasks.map((seed, i) => ({
    chat: renderProposerPrompt(format, seed),
    seed: random('propose', from + i).next(),
  }));
  const episodes = await rollouts.play('proposer', starts, phase(context, 'propose'));
  return episodes.flatMap((episode, i) => {
    const seed = tasks[i];
    return seed === undefined ? [] : [proposalRecord(from + i, seed, episode, context)];
  });
}

function proposalRecord(
  index: number,
  seed: Seed,
  episode: EpisodeRecord,
  { step, rollouts }: StepContext,
): QuestionRecord {
  const filtered = filterQuestion(episode, seed.answers, rollouts.parts.game.filter);
  const asked = episode.outcome.kind === 'answered' ? { question: episode.outcome.text } : {};
  const verdict =
    filtered.kind === 'accepted'
      ? ({ kind: 'valid' } as const)
      : filtered.kind === 'rejected'
        ? ({ ...filtered, by: 'filter' } as const)
        : filtered;
  return {
    ...{ step, index, seed, proposal: { episode, verdict }, ...asked },
    ...{ answers: seed.answers, place: 'none', attempts: [] },
  };
}

/**
 * Plays and grades the solver's attempts at every record that has a place in its batch; others stay
 * as they are.
 */
async function solve(
  records: readonly QuestionRecord[],
  context: StepContext,
): Promise<QuestionRecord[]> {
  const { rollouts, attempts, random } = context;
  const { format } = rollouts.parts.game;
  const tasks = records
    .filter(({ place }) => place !== 'none')
    .flatMap((record) => Array.from({ length: attempts }, (_, attempt) => ({ record, attempt })));
  const starts = tasks.map(({ record: { question = '', index }, attempt }) => ({
    chat: renderPrompt(format, 'solver', { question }),
    seed: random('solve', index, attempt).next(),
  }));
  const episodes = await rollouts.play('solver', starts, phase(context, 'solve'));
  const graded = await Promise.all(
    episodes.map(async (episode, i): Promise<[number, Attempt]> => {
      const { question = '', answers = [], index = -1 } = tasks[i]?.record ?? {};
      const { outcome } = episode;
      const of = { question, answers, outcome };
      const judged = await judgement(rollouts.parts.judge, of, context.signal);
      const reward = solverReward(outcome, answers, judged);
      return [index, { episode, reward, ...(judged && { judged }) }];
    }),
  );
  const byIndex = Map.groupBy(graded, ([index]) => index);
  return records.map((record) => {
    const own = byIndex.get(record.index);
    return own === undefined ? record : { ...record, attempts: own.map(([, attempt]) => attempt) };
  });
}
