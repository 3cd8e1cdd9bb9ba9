// How does BM25 rank SciFact's abstracts, beside bm25s on the same ones and Anserini's figure?
import { openIndex } from '../../src/retrieval/open-index.ts';
import { runBm25s } from './peers/bm25s.ts';
import type { RankedIds } from './ranking-metrics.ts';
import { ndcg, recall } from './ranking-metrics.ts';
import { printTable, recordFigures } from './record.ts';
import { importedScifact, readScifactTopics } from './scifact.ts';
import { builtIndex } from './workshop.ts';

const topK = 100;
/** Anserini, BM25 over the flat index, as its reproduction page gives it. */
const anserini = { ndcg: 0.6789, recall: 0.9253 };

const topics = await readScifactTopics();
const queries = topics.map(({ question }) => question);
const judged = topics.map((topic) => topic.judged);
const corpus = await importedScifact();
const runs = await searchOurs();
const plainRuns = await searchOurs('--title-weight', '1');
const peer = await runBm25s({ corpus, queries, topK, k1: 0.9, b: 0.4, titleWeight: 1, timed: 0 });

const rows = [
  row('ssp, default', runs),
  row('ssp, title once', plainRuns),
  row('bm25s k1 .9 b .4', peer.runs),
  { system: 'Anserini (published)', 'nDCG@10': anserini.ndcg, 'R@100': anserini.recall },
];
printTable(rows);
await recordFigures(
  import.meta.url,
  [
    { measure: 'nDCG@10', value: ndcg(judged, runs, 10), bar: 0.689 },
    { measure: 'R@100', value: recall(judged, runs, 100) },
  ],
  { systems: rows },
);

function row(system: string, found: readonly RankedIds[]): Record<string, string | number> {
  return { system, 'nDCG@10': ndcg(judged, found, 10), 'R@100': recall(judged, found, 100) };
}

async function searchOurs(...options: string[]): Promise<RankedIds[]> {
  const name = ['scifact', ...options].join('').replaceAll('--', '-');
  const index = await openIndex(await builtIndex(name, corpus, '--modes', 'bm25', ...options));
  const results = await index.retriever('bm25').search(queries, { topK });
  await index.close();
  return results.map(({ hits }) => hits.map(({ id }) => id));
}
