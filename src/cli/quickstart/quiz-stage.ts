import { join } from 'node:path';

import { SearchClient } from '../../../services/search/search-client.ts';
import type { Config } from '../../config/schema.ts';
import type { SearchMode } from '../../types/retriever.ts';
import { searchModes } from '../../types/retriever.ts';
import type { CommandContext } from '../context.ts';
import type { QuizAnswer, QuizQuestion } from './quiz.ts';
import { askQuestions, readQuestions } from './quiz.ts';
import { recallRows, recallTable } from './recall-table.ts';
import type { QuickstartFolders } from './stages.ts';

const topK = 5;
const shownQuestions = 5;
const questionsPerHop = 100;

/** Asks the service the world's own questions in every mode it has and shows what it finds. */
export async function quiz(
  folders: QuickstartFolders,
  url: string,
  built: Config['index']['modes'],
  { progress, signal }: CommandContext,
): Promise<void> {
  const questions = await readQuestions(join(folders.world, 'questions.jsonl'), questionsPerHop);
  const client = new SearchClient({ url });
  const answers = new Map<SearchMode, QuizAnswer[]>();
  for (const mode of built.length > 1 ? searchModes : built) {
    answers.set(mode, await askQuestions(client, questions, mode, topK, signal));
  }
  for (const index of spread(questions)) progress.note(questionLine(questions, answers, index));
  progress.note(recallTable(recallRows(questions, answers), topK));
}

/** The indexes of a few questions, evenly over all numbers of hops. */
function spread(questions: readonly QuizQuestion[]): number[] {
  const count = Math.min(shownQuestions, questions.length);
  return Array.from({ length: count }, (_, i) => Math.floor((i * questions.length) / count));
}

function questionLine(
  questions: readonly QuizQuestion[],
  answers: ReadonlyMap<SearchMode, readonly QuizAnswer[]>,
  index: number,
): string {
  const question = questions[index];
  if (question === undefined) return '';
  const found = [...answers].map(([mode, own]) => `${mode} ${rankText(own[index])}`);
  const answer = question.golden_answers[0] ?? '';
  return `${question.question}\n  answer: ${answer}; first gold page: ${found.join(', ')}`;
}

function rankText(answer: QuizAnswer | undefined): string {
  return answer?.rank === undefined ? `not in ${topK}` : `rank ${answer.rank}`;
}
