import { join } from 'node:path';

import { createAnalyzer } from '../src/bm25/analyzer/analyzer.ts';
import type { WindowInverter } from '../src/bm25/build/invert-window.ts';
import { createWindowInverter } from '../src/bm25/build/invert-window.ts';
import { mergeRuns } from '../src/bm25/build/merge-runs.ts';
import { writeRun } from '../src/bm25/build/run-file.ts';
import { engineFolder, windowRows } from '../src/bm25/format.ts';
import type { RecordCounts } from '../src/retrieval/passage-files.ts';
import {
  aliasOrder,
  openAliasRecords,
  openPassageRecords,
  orderPath,
  parseAlias,
  parsePassage,
  passageOrders,
  readOrder,
} from '../src/retrieval/passage-files.ts';
import type { RecordReader } from '../src/storage/record-segments.ts';
import type { Analyzer } from '../src/types/index-manifest.ts';
import { sortRecords } from './sorted-records.ts';

/** Work of a build that takes long. */
export type BuildTask =
  | {
      /** Sorts what ids, titles and redirects are looked up by. */
      readonly kind: 'sort';
      readonly folder: string;
      readonly temporaryFolder: string;
      readonly counts: RecordCounts;
      readonly by: 'id' | 'title' | 'alias';
    }
  | {
      /** Inverts a window of passages into a run. */
      readonly kind: 'invert';
      readonly folder: string;
      readonly passages: number;
      readonly window: number;
      readonly run: string;
      readonly analyzer: Analyzer;
      readonly titleWeight: number;
    }
  | {
      /** Merges the runs of all windows into the engine's files. */
      readonly kind: 'merge';
      readonly folder: string;
      readonly passages: number;
      readonly runs: readonly string[];
      readonly k1: number;
      readonly b: number;
    };

/** Told how many units of a task have been done since it was told last. */
type Report = (count: number) => void;

/** Does a task. It blocks; threads do what takes long. */
export function runTask(task: BuildTask, report: Report): void {
  switch (task.kind) {
    case 'sort':
      sort(task, report);
      break;
    case 'invert':
      invert(task, report);
      break;
    case 'merge':
      merge(task, report);
      break;
  }
}

type Task<Kind extends BuildTask['kind']> = Extract<BuildTask, { kind: Kind }>;

function sort({ folder, temporaryFolder, counts, by }: Task<'sort'>, onRecords: Report): void {
  const passages = (): RecordReader => openPassageRecords(folder, counts.passages);
  const kinds = {
    id: {
      name: passageOrders.byId,
      open: passages,
      keyOf: (json: Buffer) => parsePassage(json).id,
    },
    title: {
      name: passageOrders.byTitle,
      open: passages,
      keyOf: (json: Buffer) => parsePassage(json).title,
    },
    alias: {
      name: aliasOrder,
      open: () => openAliasRecords(folder, counts.aliases),
      keyOf: (json: Buffer) => parseAlias(json).alias,
    },
  };
  const { name, open, keyOf } = kinds[by];
  const records = open();
  try {
    const path = orderPath(folder, name);
    sortRecords({ records, keyOf, path, name, temporaryFolder, onRecords });
  } finally {
    records.close();
  }
}

/** What an inverter has learnt of words serves the next window of the same build. */
let inverter: { readonly key: string; readonly of: WindowInverter } | undefined;

function invert(task: Task<'invert'>, report: Report): void {
  const { folder, passages, window, analyzer, titleWeight } = task;
  const key = JSON.stringify([analyzer, titleWeight]);
  if (inverter?.key !== key) {
    inverter = { key, of: createWindowInverter(createAnalyzer(analyzer), titleWeight) };
  }
  const records = openPassageRecords(folder, passages);
  try {
    const first = window * windowRows;
    const rows = Math.min(windowRows, passages - first);
    writeRun(task.run, inverter.of.invert(passagesOf(records, first, rows, report)));
  } finally {
    records.close();
  }
}

const reportedPassages = 4096;

function* passagesOf(records: RecordReader, first: number, rows: number, report: Report) {
  let read = 0;
  for (const json of records.jsonFrom(first)) {
    yield parsePassage(json);
    read += 1;
    if (read % reportedPassages === 0) report(reportedPassages);
    if (read === rows) break;
  }
  report(read % reportedPassages);
}

function merge({ folder, passages, runs, k1, b }: Task<'merge'>, onPostings: Report): void {
  const byId = readOrder(folder, passageOrders.byId, passages);
  const ranks = new Uint32Array(passages);
  for (let rank = 0; rank < passages; rank += 1) ranks[byId[rank] ?? 0] = rank;
  mergeRuns({ runs, ranks, folder: join(folder, engineFolder), k1, b, onPostings });
}
