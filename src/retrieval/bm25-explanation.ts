import type { Analyzer } from '../types/index-manifest.ts';
import type { Explanation } from '../types/retriever.ts';
import { analyze, splitWords } from './analyzer.ts';
import {
  engineParameters,
  inverseDocumentFrequency,
  lengthNorm,
  termWeight,
} from './bm25-formula.ts';
import type { Bm25Statistics } from './bm25-statistics.ts';
import { leaf, sumOf } from './ranker.ts';

const { k1, b } = engineParameters;

/**
 * The BM25 score of a passage, term by term, computed from the stored text and the index's counts
 * and not read from the engine's score, so that the two can be held against each other.
 */
export async function explainBm25(
  statistics: Bm25Statistics,
  analyzer: Analyzer,
  query: string,
  row: number,
): Promise<Explanation> {
  const passageTerms = await analyze(await statistics.contentsAt(row), analyzer);
  const parts: Explanation[] = [];
  for (const [term, [word, ...repeats]] of await wordsByTerm(query, analyzer)) {
    const frequency = passageTerms.filter((other) => other === term).length;
    if (frequency === 0 || word === undefined) continue;
    const withTerm = await statistics.passagesWith(word);
    const norm = explainNorm(passageTerms.length, await statistics.averageLength());
    const idf = inverseDocumentFrequency(statistics.passages, withTerm);
    const weight = termWeight(frequency, norm.score, k1);
    const inQuery = repeats.length + 1;
    parts.push({
      description: `term "${term}": idf * weight * occurrences in the query`,
      score: idf * weight * inQuery,
      parts: [
        leaf(
          `idf: ln(1 + (N - n + 0.5) / (n + 0.5)), N ${statistics.passages}, n ${withTerm}`,
          idf,
        ),
        {
          description: `weight: f (k1 + 1) / (f + k1 norm), k1 ${k1}`,
          score: weight,
          parts: [leaf('f: occurrences in the passage', frequency), norm],
        },
        leaf('occurrences in the query', inQuery),
      ],
    });
  }
  return sumOf('BM25: sum over the terms', parts);
}

/** The words of a query by the term that they become: the index is asked for words. */
async function wordsByTerm(query: string, analyzer: Analyzer): Promise<Map<string, string[]>> {
  const words = new Map<string, string[]>();
  for (const word of await splitWords(query, analyzer)) {
    for (const term of await analyze(word, analyzer)) {
      words.set(term, [...(words.get(term) ?? []), word]);
    }
  }
  return words;
}

function explainNorm(length: number, averageLength: number): Explanation {
  return {
    description: `norm: 1 - b + b length / average, b ${b}`,
    score: lengthNorm(length, averageLength, b),
    parts: [leaf('length: terms in the passage', length), leaf('average', averageLength)],
  };
}
