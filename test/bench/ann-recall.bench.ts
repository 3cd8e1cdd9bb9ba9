// Which share of the true neighbours does the default vector index find among a million vectors, and how
// much sooner than exact search? fp16 and ivf-rq, as `index build` makes them; the neighbours are those of
// the fp32 vectors.
import { writeFile } from 'node:fs/promises';

import { buildIndex } from '../../indexer/build-index.ts';
import { measureSearch } from '../../indexer/recall.ts';
import { indexConfig } from '../../src/config/index-build.ts';
import { terminalProgress } from '../../src/progress/terminal-progress.ts';
import { dataFolder, readHead } from '../../src/retrieval/index-head.ts';
import { openVectors } from '../../src/retrieval/lance-tables.ts';
import { openIndex } from '../../src/retrieval/open-index.ts';
import { printTable, recordFigures } from './record.ts';
import { syntheticEncoder, syntheticVector } from './synthetic-encoder.ts';
import { importedCorpus, workshopPath } from './workshop.ts';

const vectors = 1_000_000;
const dimension = 128;
const queries = 300;
const topK = 10;
/** Of the distance between centres: vectors of a cluster have a cosine of about 1/2. */
const noise = 1;
/** Exact searches that are timed. */
const scans = 20;

const corpus = await numberedPassages();
const out = await workshopPath('ann-index');
const encoder = syntheticEncoder(dimension, noise);
const signal = new AbortController().signal;
const started = performance.now();
const { manifest } = await buildIndex({
  corpusFolder: corpus,
  out,
  config: indexConfig.parse({ modes: ['dense'] }),
  encoder: { encoder, source: { model: 'synthetic', dtype: 'fp32' } },
  force: false,
  progress: terminalProgress(process.stderr),
  signal,
});
const buildSeconds = (performance.now() - started) / 1000;
const { dense } = manifest;
if (dense === undefined) throw new Error('the index has no vectors');

const index = await openIndex(out, { encoder });
const retriever = index.retriever('dense');
const names = Array.from({ length: queries }, (_value, i) => `query ${i}`);
const found = await retriever.search(names, { topK });
const results = found.map(({ hits }) => hits.map(({ id }) => Number(id)));
await index.close();
const { exactMs, indexMs } = await timeBoth(names);
const truth = exactNeighbours(names, noise);
const [recallAt3, recallAt10] = [meanRecall(truth, results, 3), meanRecall(truth, results, 10)];
const parameters = JSON.stringify(dense.vectorIndex);
printTable([{ recallAt3, recallAt10, exactMs, indexMs, buildSeconds, parameters }]);
await recordFigures(
  import.meta.url,
  [
    { measure: 'recall@10', value: recallAt10, bar: 0.97 },
    { measure: 'recall@3', value: recallAt3 },
    { measure: 'times faster than exact search', value: exactMs / indexMs, bar: 10 },
    { measure: 'exact search, ms a query', value: exactMs },
    { measure: 'by the index, ms a query', value: indexMs },
  ],
  { vectors, dimension, queries, noise, scans, buildSeconds, ...dense, encoder: undefined },
);

/** Queries alone, one after the other: the vectors' part of a search. */
async function timeBoth(
  asked: readonly string[],
): Promise<{ readonly exactMs: number; readonly indexMs: number }> {
  const head = await readHead(out);
  const table = await openVectors(out, dataFolder(out, head.generation), manifest);
  if (table === undefined || dense === undefined) throw new Error('the index has no vectors');
  const wanted = asked.map((name) => syntheticVector(name, dimension, noise));
  const few = { vectors: wanted.slice(0, scans), exact: [] };
  const scan = await measureSearch(table, { type: 'exact' }, few, signal);
  const found = await measureSearch(
    table,
    dense.vectorIndex,
    { vectors: wanted, exact: [] },
    signal,
  );
  table.close();
  return { exactMs: scan.milliseconds, indexMs: found.milliseconds };
}

/** The ids of the nearest vectors of each query, by comparing all of them. */
function exactNeighbours(names: readonly string[], noise: number): number[][] {
  const targets = names.map((name) => syntheticVector(name, dimension, noise));
  const best = targets.map((): { id: number; product: number }[] => []);
  for (let id = 0; id < vectors; id += 1) {
    const vector = syntheticVector(String(id), dimension, noise);
    for (const [q, target] of targets.entries()) {
      let product = 0;
      for (let d = 0; d < dimension; d += 1) product += (vector[d] ?? 0) * (target[d] ?? 0);
      const list = best[q] ?? [];
      if (list.length === topK && product <= (list.at(-1)?.product ?? 0)) continue;
      list.push({ id, product });
      list.sort((a, b) => b.product - a.product);
      if (list.length > topK) list.pop();
    }
  }
  return best.map((list) => list.map(({ id }) => id));
}

function meanRecall(
  truth: readonly (readonly number[])[],
  found: readonly (readonly number[])[],
  depth: number,
): number {
  const shares = truth.map((ids, i) => {
    const wanted = new Set(ids.slice(0, depth));
    return (found[i] ?? []).slice(0, depth).filter((id) => wanted.has(id)).length / depth;
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

/** A corpus whose passages are their numbers: the text names the synthetic vector. */
async function numberedPassages(): Promise<string> {
  const file = await workshopPath('numbers-million.jsonl');
  const lines = Array.from({ length: vectors }, (_value, i) =>
    JSON.stringify({ id: String(i), title: '', text: String(i) }),
  );
  await writeFile(file, `${lines.join('\n')}\n`);
  return importedCorpus('numbers-million', file);
}
