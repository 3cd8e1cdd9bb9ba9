import { renderPrompt } from '../game/prompt.ts';
import { solverReward } from '../game/rewards.ts';
import type { Attempt, QuestionRecord } from '../types/question-record.ts';
import type { StepContext } from './step-context.ts';
import { phase } from './step-context.ts';
import { judgement } from './verify.ts';

/**
 * Plays and grades the solver's attempts at every record that has a place in its batch; others stay
 * as they are.
 */
export async function solve(
  records: readonly QuestionRecord[],
  context: StepContext,
): Promise<QuestionRecord[]> {
  const { table, attempts, random } = context;
  const { format } = table.parts.game;
  const tasks = records
    .filter(({ place }) => place !== 'none')
    .flatMap((record) => Array.from({ length: attempts }, (_, attempt) => ({ record, attempt })));
  const seats = tasks.map(({ record: { question = '', index }, attempt }) => ({
    chat: renderPrompt(format, 'solver', { question }),
    seed: random('solve', index, attempt).next(),
  }));
  const episodes = await table.play('solver', seats, phase(context, 'solve'));
  const graded = await Promise.all(
    episodes.map(async (episode, i): Promise<[number, Attempt]> => {
      const { question = '', answers = [], index = -1 } = tasks[i]?.record ?? {};
      const { outcome } = episode;
      const of = { question, answers, outcome };
      const judged = await judgement(table.parts.judge, of, context.signal);
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
