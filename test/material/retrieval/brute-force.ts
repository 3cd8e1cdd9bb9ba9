import { createAnalyzer } from '../../../src/bm25/analyzer/analyzer.ts';
import { analyzerOf } from '../../../src/bm25/analyzer/languages.ts';
import type { AnalyzerName } from '../../../src/types/index-manifest.ts';
import type { BruteScore } from '../../contract/retrieval/retriever.contract.ts';
import { byScoreThenId } from '../../contract/retrieval/retriever.contract.ts';
import { awkwardPassages, smallPassages } from './small-corpus.ts';
import { vectorOf } from './stand-in-encoder.ts';

const dimension = 32;
/** What every engine is asked about. */
export const passages = [...awkwardPassages, ...smallPassages(700)];
export const queries = [
  'river castle',
  'the composer of the treaty',
  'comet comet planet',
  "O'Brien",
  'Paris Seine capital',
  'zeppelins',
  'glacier volcano temple village market university parliament orchestra festival',
  'dynasty',
];

/**
 * BM25 as Robertson and Zaragoza write it, over every passage, without any index. `storedLength` is what an
 * engine keeps of a passage's length.
 */
export function plainBm25(
  analyzerName: AnalyzerName,
  titleWeight: number,
  storedLength = (length: number): number => length,
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
          score +=
            (idf * f * (k1 + 1)) / (f + k1 * (1 - b + (b * storedLength(terms.length)) / average));
        }
        return { id, score };
      })
      .filter(({ score }) => score > 0);
  };
}

/** In the numbers that the index stores. */
export function innerProducts(query: string): BruteScore[] {
  const wanted = new Float16Array(vectorOf(query, dimension));
  return passages.map(({ id, title, text }) => {
    const vector = new Float16Array(vectorOf(`${title} ${text}`, dimension));
    return { id, score: vector.reduce((sum, value, d) => sum + value * (wanted[d] ?? 0), 0) };
  });
}

/** The best `depth` of a ranking by its plain scores. */
export function best(scores: BruteScore[], depth: number): BruteScore[] {
  return scores.sort(byScoreThenId).slice(0, depth);
}

export function fuse(parts: readonly (readonly BruteScore[])[]): BruteScore[] {
  const sums = new Map<string, number>();
  for (const { id, score } of parts.flat()) sums.set(id, (sums.get(id) ?? 0) + score);
  return Array.from(sums, ([id, score]) => ({ id, score }));
}
