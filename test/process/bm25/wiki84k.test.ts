import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

import t, { test } from 'tap';

import { createAnalyzer } from '../../../src/bm25/analyzer/analyzer.ts';
import { analyzerOf } from '../../../src/bm25/analyzer/languages.ts';
import { createWindowInverter } from '../../../src/bm25/build/invert-window.ts';
import { mergeRuns } from '../../../src/bm25/build/merge-runs.ts';
import { writeRun } from '../../../src/bm25/build/run-file.ts';
import { windowRows } from '../../../src/bm25/format.ts';
import { indexConfig } from '../../../src/config/index-build.ts';
import type { Passage } from '../../../src/types/passage.ts';
import { missingShared, sharedFile } from '../../bench/shared-data.ts';
import { goldByDataset, readDevelopmentQuestions, wiki84kFiles } from '../../bench/wiki84k.ts';
import { openEngine } from '../../material/bm25/small-engine.ts';

t.setTimeout(900_000); // 84,426 real passages, on whatever machine this is

const topK = 10;
/** Every so many questions are held against plain BM25, which takes a while. */
const step = 100;

test('wiki84k by the engine', { skip: missingShared(...wiki84kFiles) }, async (t) => {
  const { titleWeight, bm25K1: k1, bm25B: b } = indexConfig.parse({});
  const folder = t.testdir();
  const lines = gunzipSync(readFileSync(sharedFile(wiki84kFiles[0])))
    .toString('utf8')
    .split('\n');
  const passages = lines.filter(Boolean).map((line) => JSON.parse(line) as Passage);
  const analyzer = createAnalyzer(analyzerOf('english'));
  const inverter = createWindowInverter(analyzer, titleWeight);
  const runs: string[] = [];
  for (let first = 0; first < passages.length; first += windowRows) {
    const run = `${folder}/${first}.run`;
    writeRun(run, inverter.invert(passages.slice(first, first + windowRows)));
    runs.push(run);
  }
  const ids = passages.map(({ id }) => id);
  const ranks = new Uint32Array(ids.length);
  const inOrder = [...ids.keys()].sort((x, y) => ((ids[x] ?? '') < (ids[y] ?? '') ? -1 : 1));
  for (const [rank, row] of inOrder.entries()) ranks[row] = rank;
  mergeRuns({ runs, ranks, folder, k1, b });
  const engine = openEngine(folder);
  const questions = await readDevelopmentQuestions();
  const queries = questions.map(({ question }) => analyzer.queryTerms(question));
  const found = queries.map((query) => engine.search(query, topK));

  await t.test('the best ten are those of plain BM25, ties included', (t) => {
    const plain = plainBm25(passages, ranks, { k1, b, titleWeight });
    let ties = 0;
    for (let i = 0; i < queries.length; i += step) {
      const expected = plain(queries[i] ?? []);
      ties += expected.filter(({ score }, at) => score === expected[at - 1]?.score).length;
      t.strictSame(found[i], expected, questions[i]?.question ?? '');
    }
    t.ok(ties > 0, `${ties} equal scores`);
    t.end();
  });

  await t.test('it finds at least as much as the index before it', (t) => {
    const runsOfIds = found.map((rows) => rows.map(({ row }) => ids[row] ?? ''));
    const figures = goldByDataset(questions, runsOfIds)['all'];
    t.ok((figures?.anyGoldAt5 ?? 0) >= 0.816, `any-gold@5 ${figures?.anyGoldAt5 ?? 0}`);
    t.ok((figures?.mrrAt10 ?? 0) >= 0.679, `MRR@10 ${figures?.mrrAt10 ?? 0}`);
    t.end();
  });
});

/** BM25 over every passage, from nothing but the terms of each. */
function plainBm25(
  passages: readonly Passage[],
  ranks: Uint32Array,
  { k1, b, titleWeight }: { readonly k1: number; readonly b: number; readonly titleWeight: number },
): (query: readonly string[]) => { row: number; score: number }[] {
  const analyzer = createAnalyzer(analyzerOf('english'));
  const lengths = new Uint32Array(passages.length);
  const postings = new Map<string, Map<number, number>>();
  for (const [row, { title, text }] of passages.entries()) {
    const ofText = analyzer.terms(`${`${title}\n`.repeat(titleWeight)}${text}`);
    const found = [...analyzer.titleTerms(title), ...ofText];
    lengths[row] = found.length;
    for (const term of found) {
      const rows = postings.get(term) ?? new Map<number, number>();
      rows.set(row, (rows.get(row) ?? 0) + 1);
      postings.set(term, rows);
    }
  }
  const average = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  return (query) => {
    const scores = new Map<number, number>();
    for (const term of new Set(query)) {
      const rows = postings.get(term) ?? new Map<number, number>();
      const idf = Math.log1p((passages.length - rows.size + 0.5) / (rows.size + 0.5));
      const weight = idf * query.filter((other) => other === term).length;
      for (const [row, f] of rows) {
        const norm = 1 - b + (b * (lengths[row] ?? 0)) / average;
        scores.set(row, (scores.get(row) ?? 0) + weight * ((f * (k1 + 1)) / (f + k1 * norm)));
      }
    }
    return Array.from(scores, ([row, score]) => ({ row, score }))
      .sort((x, y) => y.score - x.score || (ranks[x.row] ?? 0) - (ranks[y.row] ?? 0))
      .slice(0, topK);
  };
}
