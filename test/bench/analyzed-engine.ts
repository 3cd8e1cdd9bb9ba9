import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { TextAnalyzer } from '../../src/bm25/analyzer/analyzer.ts';
import { createWindowInverter } from '../../src/bm25/build/invert-window.ts';
import { mergeRuns } from '../../src/bm25/build/merge-runs.ts';
import { writeRun } from '../../src/bm25/build/run-file.ts';
import type { Bm25Engine } from '../../src/bm25/engine.ts';
import { createEngine } from '../../src/bm25/engine.ts';
import { windowRows } from '../../src/bm25/format.ts';
import { scratchBytes } from '../../src/bm25/kernel/kernel.ts';
import { loadEngine } from '../../src/bm25/load.ts';
import { indexConfig } from '../../src/config/index-build.ts';
import { workshopPath } from './workshop.ts';

const { titleWeight, bm25K1: k1, bm25B: b } = indexConfig.parse({});

/** An engine of one thread over passages in their order, with the usual weights, by any analyzer. */
export async function engineOf(
  analyzer: TextAnalyzer,
  passages: readonly { readonly title: string; readonly text: string }[],
): Promise<Bm25Engine> {
  const folder = await workshopPath(`engine-${process.pid}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  const inverter = createWindowInverter(analyzer, titleWeight);
  const runs: string[] = [];
  for (let first = 0; first < passages.length; first += windowRows) {
    const run = join(folder, `${runs.length}.run`);
    writeRun(run, inverter.invert(passages.slice(first, first + windowRows)));
    runs.push(run);
  }
  mergeRuns({ runs, ranks: Uint32Array.from(passages.keys()), folder, k1, b });
  const engine = createEngine(loadEngine(folder, { threads: 1, scratchBytes: scratchBytes() }), 0);
  await rm(folder, { recursive: true });
  return engine;
}
