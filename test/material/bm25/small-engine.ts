import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { createAnalyzer } from '../../../src/bm25/analyzer/analyzer.ts';
import { analyzerOf } from '../../../src/bm25/analyzer/languages.ts';
import { createWindowInverter } from '../../../src/bm25/build/invert-window.ts';
import { mergeRuns } from '../../../src/bm25/build/merge-runs.ts';
import { writeRun } from '../../../src/bm25/build/run-file.ts';
import type { Bm25Engine } from '../../../src/bm25/engine.ts';
import { createEngine } from '../../../src/bm25/engine.ts';
import { windowRows } from '../../../src/bm25/format.ts';
import type { Bm25Parameters } from '../../../src/bm25/formula.ts';
import { scratchBytes } from '../../../src/bm25/kernel/kernel.ts';
import { loadEngine } from '../../../src/bm25/load.ts';

/** How the engine of a test is built. */
export interface SmallEngineOptions extends Bm25Parameters {
  readonly shardWindows?: number;
  readonly shardBytes?: number;
  /** A row's place among equal scores; its own number by default. */
  readonly ranks?: Uint32Array;
}

export const usualParameters: Bm25Parameters = { k1: 0.9, b: 0.75 };

/** Builds an engine of texts, split at spaces and not stemmed, in the folder `folder`. */
export function buildEngine(
  folder: string,
  texts: readonly string[],
  options: SmallEngineOptions = usualParameters,
): void {
  mkdirSync(folder, { recursive: true });
  const inverter = createWindowInverter(createAnalyzer(analyzerOf('simple')), 1);
  const runs: string[] = [];
  for (let first = 0; first < texts.length; first += windowRows) {
    const window = texts.slice(first, first + windowRows).map((text) => ({ title: '', text }));
    const run = join(folder, `${runs.length}.run`);
    writeRun(run, inverter.invert(window));
    runs.push(run);
  }
  const ranks = options.ranks ?? Uint32Array.from(texts.keys());
  mergeRuns({ ...options, runs, ranks, folder });
}

/** Opens the engine of a folder as its only thread. */
export function openEngine(folder: string): Bm25Engine {
  return createEngine(loadEngine(folder, { threads: 1, scratchBytes: scratchBytes() }), 0);
}

/** A row with its score. */
export interface ScoredRow {
  readonly row: number;
  readonly score: number;
}

/**
 * BM25 over every text, without any index: rows by falling score, equal ones by `rankOf`. Terms are
 * added up in the order in which the query names them first, so that even the last bits are right.
 */
export function plainSearch(
  texts: readonly string[],
  { k1, b }: Bm25Parameters,
  rankOf: (row: number) => number = (row) => row,
): (query: readonly string[], depth: number) => ScoredRow[] {
  const documents = texts.map((text) => countOf(text.split(' ').filter((word) => word !== '')));
  const total = documents.reduce((sum, { length }) => sum + length, 0);
  const average = total === 0 ? 1 : total / texts.length;
  return (query, depth) => {
    const terms = Array.from(countOf(query).counts, ([term, repeats]) => {
      const n = documents.filter(({ counts }) => counts.has(term)).length;
      return { term, weight: Math.log1p((texts.length - n + 0.5) / (n + 0.5)) * repeats };
    });
    const scored = documents.map(({ counts, length }, row) => {
      let score = 0;
      for (const { term, weight } of terms) {
        const f = counts.get(term) ?? 0;
        if (f > 0) score += weight * ((f * (k1 + 1)) / (f + k1 * (1 - b + (b * length) / average)));
      }
      return { row, score };
    });
    return scored
      .filter(({ score }) => score > 0)
      .sort((a, c) => c.score - a.score || rankOf(a.row) - rankOf(c.row))
      .slice(0, depth);
  };
}

function countOf(words: readonly string[]): {
  readonly counts: ReadonlyMap<string, number>;
  readonly length: number;
} {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return { counts, length: words.length };
}
