import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { z } from 'zod';

import { once, SearchClient } from '../../clients/search-client.ts';
import type { Config } from '../../config/schema.ts';
import { printableLine } from '../../progress/printable.ts';
import type { JobContext } from '../../progress/progress.ts';
import type { SearchMode } from '../../types/retriever.ts';
import { searchModes } from '../../types/retriever.ts';
import type { SearchService } from '../../types/search-service.ts';
import type { QuickstartFolders } from './stages.ts';

const topK = 5;
const shownQuestions = 5;
const questionsPerHop = 100;

/** Asks the service the world's own questions in every mode it has and shows what it finds. */
export async function quiz(
  folders: QuickstartFolders,
  url: string,
  built: Config['index']['modes'],
  { progress, signal }: JobContext,
): Promise<void> {
  const questions = await readQuestions(join(folders.world, 'questions.jsonl'), questionsPerHop);
  const client = new SearchClient({ url, retries: once });
  const answers = new Map<SearchMode, QuizAnswer[]>();
  for (const mode of built.length > 1 ? searchModes : built) {
    answers.set(mode, await askQuestions(client, questions, mode, topK, signal));
  }
  for (const index of spread(questions)) progress.note(questionLine(questions, answers, index));
  progress.note(recallTable(recallRows(questions, answers), topK));
  progress.note(
    'One search with the question as it stands: it names the first page of a chain only, so of two and three hops hardly ever all pages are found (.01). Whoever reads the first page can ask for the next; that is what the policy learns.',
  );
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
  const lines = [question.question, `  answer: ${answer}; first gold page: ${found.join(', ')}`];
  return lines.map(printableLine).join('\n');
}

function rankText(answer: QuizAnswer | undefined): string {
  return answer?.rank === undefined ? `not in ${topK}` : `rank ${answer.rank}`;
}

const questionSchema = z.object({
  question: z.string(),
  golden_answers: z.array(z.string()).min(1),
  hops: z.int().min(1),
  /** Titles of the pages that hold the chain's facts, one a hop. */
  gold_pages: z.array(z.string()).min(1),
});
type QuizQuestion = z.output<typeof questionSchema>;

/** What a mode found for a question. */
interface QuizAnswer {
  /** Rank of the first hit from a gold page, counted from 1; undefined where none is among the hits. */
  readonly rank: number | undefined;
  /** Every gold page is among the hits. */
  readonly allFound: boolean;
}

/** Reads the encyclopedia's questions, at most `perHop` for each number of hops. */
async function readQuestions(path: string, perHop: number): Promise<QuizQuestion[]> {
  const taken = new Map<number, number>();
  const questions: QuizQuestion[] = [];
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const question = questionSchema.parse(JSON.parse(line));
    const count = taken.get(question.hops) ?? 0;
    if (count >= perHop) continue;
    taken.set(question.hops, count + 1);
    questions.push(question);
  }
  return questions;
}

/** Asks the service every question in one mode; answer i belongs to question i. */
async function askQuestions(
  client: SearchService,
  questions: readonly QuizQuestion[],
  mode: SearchMode,
  topK: number,
  signal: AbortSignal,
): Promise<QuizAnswer[]> {
  const queries = questions.map(({ question }) => question);
  const { results } = await client.search({ queries, mode, topK }, signal);
  return questions.map(({ gold_pages: goldPages }, index) =>
    judge(goldPages, results[index]?.hits.map(({ title }) => title) ?? []),
  );
}

function judge(goldPages: readonly string[], titles: readonly string[]): QuizAnswer {
  const first = titles.findIndex((title) => goldPages.includes(title));
  return {
    rank: first < 0 ? undefined : first + 1,
    allFound: goldPages.every((title) => titles.includes(title)),
  };
}

/** Recall over the questions of one number of hops in one mode. */
interface RecallRow {
  readonly hops: number;
  readonly mode: SearchMode;
  readonly questions: number;
  /** Share of questions with a gold page among the hits. */
  readonly anyGold: number;
  /** Share of questions with every gold page among the hits. */
  readonly allGold: number;
}

/** The rows of all modes and numbers of hops, fewest hops first. */
function recallRows(
  questions: readonly QuizQuestion[],
  answersByMode: ReadonlyMap<SearchMode, readonly QuizAnswer[]>,
): RecallRow[] {
  const allHops = [...new Set(questions.map(({ hops }) => hops))].sort((a, b) => a - b);
  return allHops.flatMap((hops) =>
    [...answersByMode].map(([mode, answers]) => {
      const own = answers.filter((_, index) => questions[index]?.hops === hops);
      return {
        hops,
        mode,
        questions: own.length,
        anyGold: own.filter(({ rank }) => rank !== undefined).length / own.length,
        allGold: own.filter(({ allFound }) => allFound).length / own.length,
      };
    }),
  );
}

/** The rows as a table: a line a number of hops, `any / all` a mode. */
function recallTable(rows: readonly RecallRow[], topK: number): string {
  const modes = [...new Set(rows.map(({ mode }) => mode))];
  const allHops = [...new Set(rows.map(({ hops }) => hops))];
  const line = (cells: readonly string[]): string =>
    cells.map((cell, index) => (index === 0 ? cell.padEnd(16) : cell.padStart(14))).join('');
  const header = line(['any / all gold', ...modes]);
  const body = allHops.map((hops) => {
    const own = rows.filter((row) => row.hops === hops);
    const cells = own.map(
      ({ anyGold, allGold }) => `${anyGold.toFixed(2)} / ${allGold.toFixed(2)}`,
    );
    return line([`${hops} hop${hops === 1 ? '' : 's'} (${own[0]?.questions ?? 0})`, ...cells]);
  });
  return [`Gold pages among the first ${topK} hits:`, header, ...body].join('\n');
}
