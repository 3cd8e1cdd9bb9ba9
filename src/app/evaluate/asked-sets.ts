import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { z } from 'zod';

import type { EvaluationConfig } from '../../config/evaluation.ts';
import { SspError } from '../../errors/error.ts';
import { drawQuestions, readQuestionSet } from '../../evaluation/question-set.ts';
import { otherKind } from '../../storage/input-kind.ts';
import type { EvaluationQuestion, EvaluationSetting } from '../../types/evaluation.ts';

/** A set with the questions that were drawn from it. */
interface AskedSet {
  readonly name: string;
  readonly questions: readonly EvaluationQuestion[];
  readonly facts: EvaluationSetting['sets'][number];
}

/**
 * The sets that `--data` and `--set` name, read and drawn from. Throws SSP_USAGE for names that are
 * given twice or are no file names, SSP_FILE_NOT_FOUND, SSP_INPUT_EMPTY, and what
 * {@link readQuestionSet} throws.
 */
export async function askedSets(
  options: EvalOptions,
  { questions: count, seed }: EvaluationConfig,
): Promise<AskedSet[]> {
  const asked: AskedSet[] = [];
  for (const [name, path] of await pathsOf(options)) {
    const { questions, hash } = await readQuestionSet(path);
    const drawn = drawQuestions(questions, count, seed);
    const facts = { name, hash, questions: questions.length, asked: drawn.length };
    asked.push({ name, questions: drawn, facts });
  }
  return asked;
}

/** Paths by the sets' names. */
async function pathsOf({ data, set: sets }: EvalOptions): Promise<Map<string, string>> {
  const inFolder = data === undefined ? new Map<string, string>() : await setsIn(data);
  if (sets.length === 0) return inFolder;
  const paths = new Map<string, string>();
  for (const set of sets) {
    const [name = '', ...rest] = set.split('=');
    if (!/^\w[\w.-]*$/.test(name)) throw usage(`"${name}" in --set ${set} is no name for a set`);
    if (paths.has(name)) throw usage(`the set ${name} is given twice`);
    const path = rest.length === 0 ? inFolder.get(name) : rest.join('=');
    if (path === undefined) throw unknownSet(name, data, [...inFolder.keys()]);
    paths.set(name, path);
  }
  return paths;
}

async function setsIn(folder: string): Promise<Map<string, string>> {
  const names = await readdir(folder).catch(async () => {
    const isFile = await otherKind(folder, 'folder');
    if (isFile !== undefined)
      throw usage(`--data is a folder; give the file as --set name=${folder}`);
    throw new SspError('SSP_FILE_NOT_FOUND', { what: 'folder of question sets', path: folder });
  });
  const files = names.filter((name) => /\.jsonl(\.gz)?$/.test(name)).sort();
  if (files.length === 0) {
    throw new SspError('SSP_INPUT_EMPTY', { path: folder, what: 'question sets' });
  }
  const paths = new Map<string, string>();
  for (const file of files) {
    const name = basename(file).replace(/\.jsonl(\.gz)?$/, '');
    if (paths.has(name)) throw usage(`${folder} holds the set ${name} twice`);
    paths.set(name, join(folder, file));
  }
  return paths;
}

function unknownSet(name: string, data: string | undefined, known: readonly string[]): SspError {
  if (data === undefined) return usage(`give --set ${name}=<file>, or --data with that set in it`);
  const what = `question set ${name} (there are ${known.join(', ')})`;
  return new SspError('SSP_FILE_NOT_FOUND', { what, path: data });
}

/** The options of `ssp eval` that are no keys of the configuration. */
export const evalOptionsSchema = z.object({
  data: z.string().optional(),
  set: z.array(z.string()).default([]),
  searchUrl: z.string().optional(),
  index: z.string().optional(),
  policyUrl: z.string().optional(),
  model: z.string().optional(),
  tokenizer: z.string().optional(),
  apiUrl: z.string().optional(),
  apiModel: z.string().optional(),
  out: z.string(),
});
export type EvalOptions = z.output<typeof evalOptionsSchema>;

/** The error of options that do not go together. */
export function usage(problem: string): SspError {
  return new SspError('SSP_USAGE', { problem });
}
