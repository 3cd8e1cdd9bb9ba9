import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';

import { z } from 'zod';

import type { GoldFigures, RankedIds } from './ranking-metrics.ts';
import { goldFigures } from './ranking-metrics.ts';
import { sharedFile } from './shared-data.ts';

export const wiki84kFiles = ['wiki84k/corpus.jsonl.gz', 'wiki84k/questions-dev.jsonl.gz'] as const;

const questionSchema = z.object({
  dataset: z.string(),
  question: z.string(),
  /** Forms of the one answer, in some sets several answers that are right. */
  golden_answers: z.array(z.string()).min(1),
  gold_ids: z.array(z.string()).min(1),
});
export type Question = z.output<typeof questionSchema>;

const passageSchema = z.object({ id: z.string(), title: z.string(), text: z.string() });
export type Passage = z.output<typeof passageSchema>;

/** The development questions of wiki84k, each with the ids of the passages that answer it. */
export async function readDevelopmentQuestions(): Promise<Question[]> {
  const lines = await readJsonLines(wiki84kFiles[1]);
  return lines.map((line) => questionSchema.parse(line));
}

/** The passages of wiki84k by their ids. */
export async function readPassages(): Promise<Map<string, Passage>> {
  const passages = (await readJsonLines(wiki84kFiles[0])).map((line) => passageSchema.parse(line));
  return new Map(passages.map((passage) => [passage.id, passage]));
}

async function readJsonLines(name: string): Promise<unknown[]> {
  const text = gunzipSync(await readFile(sharedFile(name))).toString('utf8');
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line): unknown => JSON.parse(line));
}

/** {@link GoldFigures} of each set of questions by its name, and of all under `all`. */
export function goldByDataset(
  questions: readonly Question[],
  runs: readonly RankedIds[],
): Record<string, GoldFigures> {
  const names = [...new Set(questions.map(({ dataset }) => dataset))].sort();
  const figures = (name?: string): GoldFigures => {
    const chosen = [...questions.keys()].filter(
      (i) => name === undefined || questions[i]?.dataset === name,
    );
    return goldFigures(
      chosen.map((i) => questions[i]?.gold_ids ?? []),
      chosen.map((i) => runs[i] ?? []),
    );
  };
  return { ...Object.fromEntries(names.map((name) => [name, figures(name)])), all: figures() };
}
