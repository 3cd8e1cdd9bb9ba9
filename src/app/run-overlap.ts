import { basename } from 'node:path';

import { readQuestionSet } from '../evaluation/question-set.ts';
import type { Progress } from '../progress/progress.ts';
import { eachEpisode } from '../run/read-run.ts';
import { episodeSteps } from '../run/run-contents.ts';
import type { RunFolder } from '../run/run-folder.ts';
import type { EvaluationSet } from '../seeds/evaluation-answers.ts';
import { OverlapTally } from '../seeds/overlap-tally.ts';
import type { EvaluationOverlap } from '../types/evaluation.ts';

/**
 * How far the accepted questions of a run overlap with evaluation sets: all of its steps are read,
 * one after the other. Throws as {@link eachEpisode} does, and the signal's reason.
 */
export async function runOverlap(
  folder: RunFolder,
  name: string,
  sets: readonly EvaluationSet[],
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<EvaluationOverlap> {
  const tally = new OverlapTally(sets);
  const steps = await episodeSteps(folder);
  const stage = progress.stage(`overlap of ${name}`, 'steps', steps.length);
  for (const step of steps) {
    signal.throwIfAborted();
    for await (const { index, question, answers, proposal } of eachEpisode(folder, step)) {
      if (question === undefined || proposal?.verdict.kind !== 'valid') continue;
      tally.add({ step, index, question, answers });
    }
    stage.add(1);
  }
  stage.end();
  return tally.counted();
}

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
