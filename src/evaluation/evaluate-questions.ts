import { runAll } from '../concurrency/limits.ts';
import { SspError } from '../errors/error.ts';
import { f1Score, isExactMatch } from '../game/answer-score.ts';
import type { EpisodeLimits } from '../game/episode.ts';
import type { GameFormat } from '../game/format.ts';
import { grade, needsJudge } from '../game/grading.ts';
import { renderPrompt } from '../game/prompt.ts';
import type { Judge } from '../judge/judge.ts';
import { createRandom } from '../random/random.ts';
import type { OnFailure } from '../rollout/play-episode.ts';
import { playEpisode } from '../rollout/play-episode.ts';
import type { Player } from '../rollout/player.ts';
import type { Searcher } from '../rollout/searcher.ts';
import type { EpisodeRecord } from '../types/episode.ts';
import type { EvaluationQuestion, EvaluationRecord } from '../types/evaluation.ts';
import type { Validation } from '../types/step-metrics.ts';
import { validationOf } from './validation.ts';

/** Who takes part; the judge is asked where exact match does not settle an answer. */
export interface EvaluationPlayers {
  readonly solver: Player;
  readonly searcher: Searcher;
  readonly judge?: Pick<Judge, 'judgeAnswer'> | undefined;
}

/** How questions are asked. */
export interface EvaluationOptions {
  readonly format: GameFormat;
  readonly limits: EpisodeLimits;
  readonly endsSpoiledTurns?: boolean;
  /** A whole number. Each question has a seed of its own, made from this one and its id. */
  readonly seed: number;
  /** Questions under way at once, 1 or more. */
  readonly maxConcurrent: number;
  /** Failed questions that are put up with, as a share of all, 0..1. */
  readonly maxFailedShare: number;
  /**
   * Whether a judge that fails counts among the failures (true); else its verdict is only missing, and
   * the other scores stand.
   */
  readonly needsVerdicts?: boolean;
  /** Questions that belong to all, but were answered before (0). */
  readonly answeredBefore?: number;
  /** Hears each record as its question ends; `index` is its place among the questions. */
  readonly onRecord?: (record: EvaluationRecord, index: number) => void;
  /** Hears why a service failed. */
  readonly onFailure?: OnFailure;
}

/** What an evaluation gives; record i belongs to question i. */
interface Evaluation {
  readonly records: readonly EvaluationRecord[];
  readonly scores: Validation;
}

/**
 * Asks the solver each question once and scores its answers by exact match, F1 and, where there is
 * one, the judge. A question whose service or judge fails is counted and left out, never a wrong
 * answer. Throws SSP_EVALUATION_FAILURES once more than the allowed share of the questions failed,
 * and the signal's reason once it is aborted; by then all episodes have stopped.
 */
export async function evaluateQuestions(
  questions: readonly EvaluationQuestion[],
  players: EvaluationPlayers,
  options: EvaluationOptions,
  signal: AbortSignal,
): Promise<Evaluation> {
  const { maxConcurrent, maxFailedShare, onRecord, answeredBefore = 0 } = options;
  const { needsVerdicts = true } = options;
  const all = questions.length + answeredBefore;
  let failed = 0;
  let problem = 'the judge gave no verdict';
  const onFailure: OnFailure = (failure, error) => {
    problem = `${error.code}: ${error.message}`;
    options.onFailure?.(failure, error);
  };
  const ask = async (question: EvaluationQuestion, index: number, ends: AbortSignal) => {
    const episode = await answer(question, players, { ...options, onFailure }, ends);
    const record = await scored(question, episode, players.judge, ends);
    onRecord?.(record, index);
    if (needsVerdicts ? hasFailed(record) : record.score === undefined) failed += 1;
    if (failed <= maxFailedShare * all) return record;
    const counts = { failed, questions: all, maxFailedShare };
    throw new SspError('SSP_EVALUATION_FAILURES', { ...counts, problem });
  };
  const records = await runAll(questions, maxConcurrent, ask, signal);
  return { records, scores: validationOf(records) };
}

/** Whether a service failed, so that a score is missing. */
export function hasFailed({ score, verdict }: EvaluationRecord): boolean {
  return score === undefined || verdict === 'failed';
}

function answer(
  { id, question }: EvaluationQuestion,
  { solver, searcher }: EvaluationPlayers,
  { format, limits, endsSpoiledTurns = false, seed, onFailure }: EvaluationOptions,
  signal: AbortSignal,
): Promise<EpisodeRecord> {
  const { prompt, sampler } = solver.open(renderPrompt(format, 'solver', { question }));
  const task = {
    rules: { role: 'solver', format, limits, endsSpoiledTurns },
    prompt,
    seed: createRandom(seed, 'question', id).next(),
  } as const;
  const { tokenizer } = solver;
  return playEpisode(task, { sampler, searcher, tokenizer }, signal, onFailure);
}

async function scored(
  question: EvaluationQuestion,
  episode: EpisodeRecord,
  judge: EvaluationPlayers['judge'],
  signal: AbortSignal,
): Promise<EvaluationRecord> {
  const { id, goldAnswers, hops } = question;
  // Keys in the order of the schema: a record that was read back is written the same.
  const record = {
    ...{ id, question: question.question, goldAnswers },
    ...(hops === undefined ? {} : { hops }),
    episode,
  };
  const { outcome } = episode;
  if (outcome.kind === 'failed') return record;
  const text = outcome.kind === 'answered' ? outcome.text : undefined;
  const score = {
    exactMatch: text !== undefined && isExactMatch(text, goldAnswers),
    f1: text === undefined ? 0 : f1Score(text, goldAnswers),
  };
  if (judge === undefined) return { ...record, score };
  const asked = { question: question.question, answer: text ?? '', goldAnswers };
  const judged = needsJudge(text, goldAnswers) ? await judge.judgeAnswer(asked, signal) : undefined;
  return { ...record, score, verdict: grade(text, goldAnswers, judged) };
}
