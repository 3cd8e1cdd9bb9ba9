import { renderPrompt } from '../game/prompt.ts';
import { addToPool, resetPool } from '../game/replay-pool.ts';
import { proposerReward, solverReward, successRate } from '../game/rewards.ts';
import type {
  Attempt,
  PlayedQuestion,
  ProposalVerdict,
  QuestionRecord,
  ReplayPool,
  Reward,
} from '../types/question-record.ts';
import type { QuestionBatch, QuestionSource } from './question-source.ts';
import type { StepContext } from './rollouts.ts';
import { phase } from './rollouts.ts';
import type { StepTimer } from './step-timer.ts';
import { judgement } from './verify.ts';

/** One step as it was played, before anything is learnt from it. */
export interface PlayedStep extends QuestionBatch {
  /** The replay pool after the step. */
  readonly pool: ReplayPool;
}

/** Plays a step: the questions of the source's next batch are solved, then all are rewarded. */
export async function playStep(
  source: QuestionSource,
  pool: ReplayPool,
  context: StepContext,
  timer: StepTimer,
): Promise<PlayedStep> {
  const { records, dummies } = await source.nextBatch(pool, context, timer);
  const solved = await timer.run('solve', () => solve(records, context));
  const rewarded = solved.map((record) => withProposerReward(record, context));
  return { records: rewarded, dummies, pool: poolAfter(rewarded, pool, context) };
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

/**
 * The pool with what was played, emptied where the strategy says so. Given questions come again by
 * themselves.
 */
function poolAfter(
  records: readonly QuestionRecord[],
  pool: ReplayPool,
  { step, rollouts }: StepContext,
): ReplayPool {
  const { fill } = rollouts.parts.game;
  if (fill.kind !== 'reuse') return pool;
  const played = records.flatMap(({ question, answers, place, attempts }): PlayedQuestion[] => {
    const rate = successRate(attempts.map(({ reward }) => reward));
    return question === undefined || rate === undefined || place === 'given'
      ? []
      : [{ question, answers, successRate: rate }];
  });
  return resetPool(addToPool(pool, played), step, fill.resetEverySteps);
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
