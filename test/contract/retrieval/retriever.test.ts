import type { Test } from 'tap';
import { test } from 'tap';

import { createAnalyzer } from '../../../src/bm25/analyzer/analyzer.ts';
import { analyzerOf } from '../../../src/bm25/analyzer/languages.ts';
import type { IndexConfig } from '../../../src/config/index-build.ts';
import { openIndex } from '../../../src/retrieval/open-index.ts';
import type { AnalyzerName } from '../../../src/types/index-manifest.ts';
import type { Passage } from '../../../src/types/passage.ts';
import type { SearchIndex } from '../../../src/types/retriever.ts';
import { awkwardPassages, smallPassages } from '../../material/retrieval/small-corpus.ts';
import { buildSmallIndex } from '../../material/retrieval/small-index.ts';
import { standInEncoder, vectorOf } from '../../material/retrieval/stand-in-encoder.ts';
import { testFolder } from '../../material/test-folder.ts';
import type { BruteScore } from './retriever.contract.ts';
import { byScoreThenId, retrieverContract } from './retriever.contract.ts';

const dimension = 32;
const passages = [...awkwardPassages, ...smallPassages(700)];
const queries = [
  'river castle',
  'the composer of the treaty',
  'comet comet planet',
  "O'Brien",
  'Paris Seine capital',
  'zeppelins',
  'glacier volcano temple village market university parliament orchestra festival',
  'dynasty',
];

/** BM25 as Robertson and Zaragoza write it, over every passage, without any index. */
function plainBm25(
  analyzerName: AnalyzerName,
  titleWeight: number,
): (query: string) => BruteScore[] {
  const analyzer = createAnalyzer(analyzerOf(analyzerName));
  const documents = passages.map(({ id, title, text }) => ({
    id,
    terms: [
      ...analyzer.titleTerms(title),
      ...analyzer.terms(`${`${title}\n`.repeat(titleWeight)}${text}`),
    ],
  }));
  const queryTerms = new Map(queries.map((query) => [query, analyzer.queryTerms(query)]));
  const average = documents.reduce((sum, { terms }) => sum + terms.length, 0) / documents.length;
  const [k1, b] = [0.9, 0.75];
  return (query) => {
    const idfs = (queryTerms.get(query) ?? []).map((term) => {
      const n = documents.filter((other) => other.terms.includes(term)).length;
      return { term, idf: Math.log(1 + (documents.length - n + 0.5) / (n + 0.5)) };
    });
    return documents
      .map(({ id, terms }) => {
        let score = 0;
        for (const { term, idf } of idfs) {
          const f = terms.filter((other) => other === term).length;
          score += (idf * f * (k1 + 1)) / (f + k1 * (1 - b + (b * terms.length) / average));
        }
        return { id, score };
      })
      .filter(({ score }) => score > 0);
  };
}

/** In the numbers that the index stores. */
function innerProducts(query: string): BruteScore[] {
  const wanted = new Float16Array(vectorOf(query, dimension));
  return passages.map(({ id, title, text }) => {
    const vector = new Float16Array(vectorOf(`${title} ${text}`, dimension));
    return { id, score: vector.reduce((sum, value, d) => sum + value * (wanted[d] ?? 0), 0) };
  });
}

async function openSmall(
  t: Test,
  config: Partial<IndexConfig>,
  source: readonly Passage[] = passages,
): Promise<SearchIndex> {
  const encoder = standInEncoder();
  const folder = await buildSmallIndex(testFolder(t), source, { config, encoder });
  const index = await openIndex(folder, { encoder });
  t.teardown(() => index.close());
  return index;
}

for (const analyzer of ['english', 'simple'] as const) {
  for (const titleWeight of [1, 2]) {
    test(`contract: bm25, ${analyzer}, title weight ${titleWeight}`, async (t) => {
      const index = await openSmall(t, { analyzer, titleWeight, modes: ['bm25'] });
      t.same(index.modes, ['bm25']);
      await retrieverContract(t, {
        retriever: index.retriever('bm25'),
        passages,
        queries,
        bruteForce: plainBm25(analyzer, titleWeight),
        tolerance: 1e-9,
      });
    });
  }
}

for (const vectorIndex of ['exact', 'ivf-rq', 'ivf-pq', 'hnsw-sq'] as const) {
  test(`contract: dense, ${vectorIndex}`, async (t) => {
    // Its search is chosen by sentences of the passages; these queries are words beside each other.
    const index = await openSmall(t, { vectorIndex, vectorRecall: 1, modes: ['dense'] });
    t.same(index.modes, ['dense']);
    t.equal(index.manifest.dense?.vectorIndex.type, vectorIndex);
    await retrieverContract(t, {
      retriever: index.retriever('dense'),
      passages,
      queries,
      bruteForce: innerProducts,
      tolerance: 1e-5,
      recall: vectorIndex === 'exact' ? 1 : 0.95,
    });
  });
}

/** The best `depth` of a ranking by its plain scores. */
function best(scores: BruteScore[], depth: number): BruteScore[] {
  return scores.sort(byScoreThenId).slice(0, depth);
}

function fuse(parts: readonly (readonly BruteScore[])[]): BruteScore[] {
  const sums = new Map<string, number>();
  for (const { id, score } of parts.flat()) sums.set(id, (sums.get(id) ?? 0) + score);
  return Array.from(sums, ([id, score]) => ({ id, score }));
}

test('contract: hybrid by reciprocal ranks', async (t) => {
  const index = await openSmall(t, { fusion: 'reciprocal-rank', fusionDepth: 100, bm25Weight: 3 });
  const bm25 = plainBm25('english', 2);
  const share = (scores: BruteScore[], weight: number): BruteScore[] =>
    best(scores, 1000).map(({ id }, i) => ({ id, score: weight / (60 + i + 1) }));
  await retrieverContract(t, {
    retriever: index.retriever('hybrid'),
    passages,
    queries,
    bruteForce: (query) =>
      fuse([share(best(bm25(query), 100), 0.75), share(best(innerProducts(query), 100), 0.25)]),
    tolerance: 1e-6,
  });
});

for (const fusion of ['min-max-score', 'sum-score'] as const) {
  test(`contract: hybrid by ${fusion}`, async (t) => {
    const index = await openSmall(t, { fusion, fusionDepth: 100, denseWeight: 3 });
    const bm25 = plainBm25('english', 2);
    const share = (scores: BruteScore[], weight: number): BruteScore[] => {
      const lowest = Math.min(...scores.map(({ score }) => score));
      const above = scores.map(({ score }) => score - lowest);
      const isSum = fusion === 'sum-score';
      const whole = isSum ? above.reduce((sum, value) => sum + value, 0) : Math.max(...above);
      const whenEqual = isSum ? 1 / scores.length : 1;
      return scores.map(({ id }, i) => ({
        id,
        score: weight * (whole === 0 ? whenEqual : (above[i] ?? 0) / whole),
      }));
    };
    await retrieverContract(t, {
      retriever: index.retriever('hybrid'),
      passages,
      queries,
      bruteForce: (query) =>
        fuse([share(best(bm25(query), 100), 0.25), share(best(innerProducts(query), 100), 0.75)]),
      tolerance: 1e-4,
    });
  });
}
