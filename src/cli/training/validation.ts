import type { Config } from '../../config/schema.ts';
import { evaluateQuestions } from '../../evaluation/evaluate-questions.ts';
import { drawQuestions, readQuestionSet } from '../../evaluation/question-set.ts';
import { policySolver } from '../../evaluation/solver.ts';
import type { Judge } from '../../judge/judge.ts';
import type { ChatFormat } from '../../policy/chat-format.ts';
import type { PolicyClient } from '../../policy/policy-client.ts';
import { gameOptions } from '../../rollout/game-options.ts';
import type { Searcher } from '../../rollout/searcher.ts';
import type { TrainerParts } from '../../training/trainer.ts';

interface Players {
  readonly client: PolicyClient;
  readonly chat: ChatFormat;
  readonly searcher: Searcher;
  readonly judge: Judge | undefined;
}

/** Scores the live policy on the validation set; undefined where the configuration names none. */
export async function validation(
  { training, game }: Config,
  { client, chat, searcher, judge }: Players,
): Promise<TrainerParts['validate']> {
  const { validationSet, validationQuestions, seed, maxConcurrent, maxFailedShare } = training;
  if (validationSet === undefined) return undefined;
  const { questions } = await readQuestionSet(validationSet);
  const drawn = drawQuestions(questions, validationQuestions, seed);
  const { format, limits } = gameOptions(game);
  const players = { solver: policySolver(client, chat), searcher, judge };
  const options = { format, limits, seed, maxConcurrent, maxFailedShare };
  return async (signal) => (await evaluateQuestions(drawn, players, options, signal)).scores;
}
