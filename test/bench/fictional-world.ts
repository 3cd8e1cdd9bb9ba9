import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { builtIndex, ssp, workshopPath } from './workshop.ts';

/** An index that is served, and what it is asked. */
export interface Served {
  readonly folder: string;
  readonly queries: readonly string[];
}

/** The fictional encyclopedia with both indexes, and its questions, made anew from a seed. */
export async function fictionalWorld(): Promise<Served> {
  const { corpus, queries } = await fictionalCorpus();
  return { folder: await builtIndex('load', corpus), queries };
}

/** Its corpus and its questions. */
export async function fictionalCorpus(): Promise<{
  readonly corpus: string;
  readonly queries: readonly string[];
}> {
  const [dump, corpus] = [await workshopPath('load-wiki'), await workshopPath('load-corpus')];
  await ssp('corpus', 'generate', '--out', dump, '--seed', '7', '--entities', '150', '--force');
  await ssp('corpus', 'build', join(dump, 'dump.xml'), '--out', corpus, '--force');
  const questions = (await readFile(join(dump, 'questions.jsonl'), 'utf8')).trim().split('\n');
  const queries = questions.map((line) => (JSON.parse(line) as { question: string }).question);
  return { corpus, queries };
}
