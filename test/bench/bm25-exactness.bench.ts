// Are the ten best of BM25 those of plain BM25 over every passage, bit by bit and ties included?
import { openCorpus } from '../../corpus/corpus.ts';
import { createAnalyzer } from '../../src/bm25/analyzer/analyzer.ts';
import { analyzerOf } from '../../src/bm25/analyzer/languages.ts';
import { indexConfig } from '../../src/config/index-build.ts';
import { openIndex } from '../../src/retrieval/open-index.ts';
import { millionPassages } from './million-passages.ts';
import { printTable, recordFigures } from './record.ts';
import { missingShared, sharedFile } from './shared-data.ts';
import { readDevelopmentQuestions, wiki84kFiles } from './wiki84k.ts';
import { builtIndex, importedCorpus } from './workshop.ts';

const topK = 10;
const { titleWeight, bm25K1: k1, bm25B: b } = indexConfig.parse({});
const analyzer = createAnalyzer(analyzerOf('english'));

const missing = missingShared(...wiki84kFiles);
if (missing !== false) throw new Error(missing);
const questions = (await readDevelopmentQuestions()).map(({ question }) => question);
const sizes = [
  {
    name: 'wiki84k',
    corpus: await importedCorpus('wiki84k', sharedFile(wiki84kFiles[0])),
    asked: 10_000,
  },
  { name: 'million', corpus: await millionPassages(), asked: 1_000 },
];
const rows = [];
for (const { name, corpus, asked } of sizes) rows.push(await compare(name, corpus, asked));
printTable(rows);
await recordFigures(
  import.meta.url,
  rows.map(({ passages, queries, different }) => ({
    measure: `queries of ${queries} with another top ${topK}, ${passages} passages`,
    value: different,
    bar: 0,
    atMost: true,
  })),
  { rows },
);

interface Scored {
  readonly id: string;
  readonly score: number;
}

async function compare(name: string, corpus: string, asked: number) {
  const queries = Array.from(
    { length: asked },
    (_, i) => questions[Math.floor((i * questions.length) / asked)] ?? '',
  );
  const plain = await plainSearch(corpus, queries);
  const index = await openIndex(await builtIndex(`${name}-bm25`, corpus, '--modes', 'bm25'));
  const found = await index.retriever('bm25').search(queries, { topK });
  await index.close();
  const shown: Scored[][] = found.map(({ hits }) => hits.map(({ id, score }) => ({ id, score })));
  const different = shown.filter(
    (hits, i) => JSON.stringify(hits) !== JSON.stringify(plain.best(queries[i] ?? '')),
  );
  const ties = shown.filter((hits) => hits.some(({ score }, i) => score === hits[i - 1]?.score));
  return {
    passages: plain.passages,
    queries: asked,
    different: different.length,
    ties: ties.length,
  };
}

/**
 * BM25 in float64 over all passages, by lists of the queries' own terms: nothing of the index is used
 * but its analyzer. Terms are added up in the order in which the query names them first.
 */
async function plainSearch(folder: string, queries: readonly string[]) {
  /** Rows and frequencies in turn, by term. */
  const postings = new Map<string, number[]>();
  for (const query of queries)
    for (const term of analyzer.queryTerms(query)) postings.set(term, []);
  const ids: string[] = [];
  const lengths: number[] = [];
  for await (const { id, title, text } of (await openCorpus(folder)).passages()) {
    const weighted = analyzer.terms(`${`${title}\n`.repeat(titleWeight)}${text}`);
    const terms = [...analyzer.titleTerms(title), ...weighted];
    for (const [term, frequency] of counted(terms)) postings.get(term)?.push(ids.length, frequency);
    ids.push(id);
    lengths.push(terms.length);
  }
  const average = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  const scores = new Float64Array(ids.length);
  const best = (query: string): Scored[] => {
    scores.fill(0);
    for (const [term, repeats] of counted(analyzer.queryTerms(query))) {
      const list = postings.get(term) ?? [];
      const n = list.length / 2;
      const weight = Math.log1p((ids.length - n + 0.5) / (n + 0.5)) * repeats;
      for (let i = 0; i < list.length; i += 2) {
        const [row, frequency] = [list[i] ?? 0, list[i + 1] ?? 0];
        const norm = k1 * (1 - b + (b * (lengths[row] ?? 0)) / average);
        scores[row] = (scores[row] ?? 0) + weight * ((frequency * (k1 + 1)) / (frequency + norm));
      }
    }
    return bestOf(scores, ids);
  };
  return { passages: ids.length, best };
}

/** The best scores above 0; of equal ones the smaller id first. */
function bestOf(scores: Float64Array, ids: readonly string[]): Scored[] {
  const best: Scored[] = [];
  for (const [row, score] of scores.entries()) {
    if (score === 0 || score < (best[topK - 1]?.score ?? 0)) continue;
    best.push({ id: ids[row] ?? '', score });
    best.sort((x, y) => y.score - x.score || (x.id < y.id ? -1 : 1));
    best.length = Math.min(best.length, topK);
  }
  return best;
}

function counted(terms: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
}
