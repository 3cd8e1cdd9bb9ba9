import { basename } from 'node:path';

import { readQuestionSet } from '../evaluation/question-set.ts';
import type { EvaluationSet } from '../seeds/evaluation-answers.ts';

/**
 * The question sets in these files, named as the file, or by its path where two files have one name.
 * Throws what {@link readQuestionSet} throws.
 */
export async function readEvaluationSets(paths: readonly string[]): Promise<EvaluationSet[]> {
  const names = paths.map((path) => basename(path).replace(/\.jsonl(\.gz)?$/, ''));
  const sets: EvaluationSet[] = [];
  for (const [i, path] of paths.entries()) {
    const { questions } = await readQuestionSet(path);
    const name = names[i] ?? path;
    const isUnique = names.indexOf(name) === names.lastIndexOf(name);
    sets.push({ name: isUnique ? name : path, questions });
  }
  return sets;
}
