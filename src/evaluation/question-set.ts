import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

import { z } from 'zod';

import { describeIssues } from '../config/issues.ts';
import { messageOf, SspError } from '../errors/error.ts';
import { hasWords } from '../game/answer-score.ts';
import { createRandom } from '../random/random.ts';
import { hashOf } from '../storage/hash.ts';
import type { EvaluationQuestion } from '../types/evaluation.ts';

/** A file of questions as it was read. */
export interface QuestionSet {
  readonly questions: readonly EvaluationQuestion[];
  /** SHA-256 of the lines, the same for a file and its gzipped copy. */
  readonly hash: string;
}

/** Whether no golden answer has a word left after normalisation, so that no answer matches one. */
export function isUnanswerable({ goldAnswers }: Pick<EvaluationQuestion, 'goldAnswers'>): boolean {
  return !goldAnswers.some(hasWords);
}

/** What to say of a set with unanswerable questions; undefined for one without. */
export function unanswerableNote(
  name: string,
  questions: readonly EvaluationQuestion[],
): string | undefined {
  const { length } = questions.filter(isUnanswerable);
  if (length === 0) return undefined;
  const which = `${length} of ${questions.length} questions of ${name}`;
  return `${which} have no golden answer with a word: no answer to them counts as a match`;
}

const text = z.string().trim().min(1, 'is empty');
// FlashRAG's form (arXiv 2405.13576); `hops` is ours, and other keys are let through.
const lineSchema = z.looseObject({
  id: z.union([z.string().min(1), z.int().transform(String)]),
  question: text,
  golden_answers: z
    .array(z.string().trim())
    .transform((answers) => answers.filter((answer) => answer !== ''))
    .refine((answers) => answers.length > 0, 'holds no answer'),
  hops: z.int().min(1).optional(),
});

/**
 * Reads a question set: lines of `{"id", "question", "golden_answers"}`, plain or gzipped. Throws
 * SSP_FILE_NOT_FOUND, SSP_FILE_UNREADABLE, SSP_INPUT_EMPTY for no questions, and
 * SSP_QUESTIONS_INVALID with the first line that is none or repeats an id. An empty answer beside
 * others, which published sets hold, is left out.
 */
export async function readQuestionSet(path: string): Promise<QuestionSet> {
  const lines = await readText(path);
  const ids = new Map<string, number>();
  const questions: EvaluationQuestion[] = [];
  for (const [i, line] of lines.split('\n').entries()) {
    if (line.trim() === '') continue;
    const invalid = (problem: string): SspError =>
      new SspError('SSP_QUESTIONS_INVALID', { path, line: i + 1, problem });
    const question = parseLine(line, invalid);
    const earlier = ids.get(question.id);
    if (earlier !== undefined) {
      throw invalid(`the id ${question.id} stands on line ${earlier} already`);
    }
    ids.set(question.id, i + 1);
    questions.push(question);
  }
  if (questions.length === 0) throw new SspError('SSP_INPUT_EMPTY', { path, what: 'questions' });
  return { questions, hash: hashOf(lines) };
}

/** `count` of the questions, drawn by the seed, in their order; all where there are no more. */
export function drawQuestions(
  questions: readonly EvaluationQuestion[],
  count: number,
  seed: number,
): EvaluationQuestion[] {
  const places = createRandom(seed, 'questions').sample([...questions.keys()], count);
  const drawn = new Set(places);
  return questions.filter((_, place) => drawn.has(place));
}

function parseLine(line: string, invalid: (problem: string) => SspError): EvaluationQuestion {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw invalid(`it is not JSON: ${messageOf(error)}`);
  }
  const parsed = lineSchema.safeParse(value);
  if (!parsed.success) throw invalid(describeIssues(parsed.error));
  const { id, question, golden_answers: goldAnswers, hops } = parsed.data;
  return { id, question, goldAnswers, ...(hops === undefined ? {} : { hops }) };
}

async function readText(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const plain = isGzip ? await promisify(gunzip)(bytes) : bytes;
    return new TextDecoder('utf-8', { fatal: true }).decode(plain);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new SspError('SSP_FILE_NOT_FOUND', { what: 'question set', path });
    }
    throw new SspError('SSP_FILE_UNREADABLE', { path, problem: messageOf(error) });
  }
}
