import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { Progress } from '../progress/progress.ts';
import { writeFileAtomic } from '../storage/atomic-file.ts';
import { sampleText } from './episode-section.ts';
import type { NamedOverlap } from './overlap-section.ts';
import { readPageAssets } from './page-assets.ts';
import type { ReadOptions } from './read-run-data.ts';
import { readRuns } from './read-run-data.ts';
import { renderReport } from './render-report.ts';
import { defaultLimits } from './sample-limits.ts';

export interface WrittenReport {
  /** The page's file. */
  readonly out: string;
  /** Of the whole page. */
  readonly bytes: number;
  /** A sentence a run: which of its questions are in the page. */
  readonly episodes: readonly string[];
  /** With evaluation sets, a run each; empty where it was not asked for. */
  readonly overlaps: readonly NamedOverlap[];
}

/**
 * Writes the report of the runs in the folders `paths`, whole or not at all. Throws as
 * {@link readRuns} does.
 */
export async function writeReport(
  paths: readonly string[],
  out: string,
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
  options: ReadOptions = defaultLimits,
): Promise<WrittenReport> {
  const runs = await readRuns(paths, { ...options, progress, signal });
  const page = renderReport(runs, await readPageAssets());
  await mkdir(dirname(out), { recursive: true });
  await writeFileAtomic(out, page);
  const episodes = runs.map((run) => sampleText(run, runs.length > 1));
  const overlaps = runs.flatMap(({ name, overlap }) => (overlap ? { name, overlap } : []));
  return { out, bytes: Buffer.byteLength(page), episodes, overlaps };
}
