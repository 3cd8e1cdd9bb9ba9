import type { Config } from '../../config/schema.ts';
import { evaluateQuestions } from '../../evaluation/evaluate-questions.ts';
import { policySolver } from '../../evaluation/solver.ts';
import type { Judge } from '../../judge/judge.ts';
import type { ChatFormat } from '../../policy/chat-format.ts';
import type { PolicyClient } from '../../policy/policy-client.ts';
import type { Progress } from '../../progress/progress.ts';
import { gameOptions } from '../../rollout/game-options.ts';
import type { Searcher } from '../../rollout/searcher.ts';
import type { TrainerParts } from '../../training/trainer.ts';
import type { EvaluationQuestion } from '../../types/evaluation.ts';

interface Players {
  readonly client: PolicyClient;
  readonly chat: ChatFormat;
  readonly searcher: Searcher;
  readonly judge: Judge | undefined;
}

/** Scores the live policy on the questions; undefined where there are none. */
export function validation(
  { training, game }: Config,
  questions: readonly EvaluationQuestion[] | undefined,
  { client, chat, searcher, judge }: Players,
  progress: Progress,
): TrainerParts['validate'] {
  if (questions === undefined) return undefined;
  const { seed, maxConcurrent, maxFailedShare } = training;
  const { format, limits } = gameOptions(game);
  const players = { solver: policySolver(client, chat), searcher, judge };
  const options = { format, limits, seed, maxConcurrent, maxFailedShare };
  return async (signal) => {
    const stage = progress.stage('validate', 'questions', questions.length);
    const onRecord = (): void => {
      stage.add(1);
    };
    return (await evaluateQuestions(questions, players, { ...options, onRecord }, signal)).scores;
  };
}
