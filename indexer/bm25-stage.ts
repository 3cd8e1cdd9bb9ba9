import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { isWholeRun } from '../src/bm25/build/run-file.ts';
import { engineFolder, windowRows } from '../src/bm25/format.ts';
import type { Stage } from '../src/progress/progress.ts';
import { createFolder } from '../src/storage/create-folder.ts';
import type { BuildContext } from './build-context.ts';
import type { BuildPlan } from './build-plan.ts';
import { runTasks } from './build-threads.ts';

/** Inverted windows, in the folder of a generation while this stage is at work. */
export const runsFolder = 'bm25-runs';

/**
 * Stage `bm25`: inverts windows of passages, several at once, and merges them. It goes on after the
 * windows that are whole; the same files come of it for any number of threads.
 */
export async function indexWords(
  context: BuildContext,
  { analyzer, titleWeight, k1, b }: NonNullable<BuildPlan['bm25']>,
  threads?: number,
): Promise<void> {
  const { folder, corpus, progress, signal } = context;
  const { passages } = corpus.manifest;
  const path = join(folder, runsFolder);
  await createFolder(path);
  const windows = Array.from({ length: Math.ceil(passages / windowRows) }, (_value, i) => i);
  const runs = windows.map((window) => join(path, `${String(window).padStart(5, '0')}.bin`));
  const pending = windows.filter((window) => !isWholeRun(runs[window] ?? ''));
  const pendingRows = pending.reduce(
    (sum, i) => sum + Math.min(windowRows, passages - i * windowRows),
    0,
  );
  if (pending.length < windows.length) {
    progress.note(`BM25: going on after ${windows.length - pending.length} windows`);
  }
  const common = { signal, passages, ...(threads === undefined ? {} : { threads }) };
  const inverting = progress.stage('BM25, words', 'passages', pendingRows);
  const inverts = pending.map((window) => {
    const run = runs[window] ?? '';
    return { kind: 'invert' as const, folder, passages, window, run, analyzer, titleWeight };
  });
  await runTasks(inverts, { ...common, onProgress: adding(inverting) });
  inverting.end();
  await createFolder(join(folder, engineFolder));
  const merging = progress.stage('BM25, merge', 'postings');
  const merge = { kind: 'merge' as const, folder, passages, runs, k1, b };
  await runTasks([merge], { ...common, onProgress: adding(merging) });
  merging.end();
  await rm(path, { recursive: true, force: true });
}

function adding(stage: Stage): (count: number) => void {
  return (count) => {
    stage.add(count);
  };
}
