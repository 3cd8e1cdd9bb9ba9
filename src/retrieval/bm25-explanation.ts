import type { ScoreFacts, TermFacts } from '../bm25/engine.ts';
import { inverseDocumentFrequency, lengthNorm, termWeight } from '../bm25/formula.ts';
import type { Explanation } from '../types/retriever.ts';
import { leaf, sumOf } from './ranker.ts';

/**
 * The BM25 score of a passage, term by term, from what the index counts: it is the score that a
 * search gives, since both follow from the same numbers in the same order.
 */
export function explainBm25(facts: ScoreFacts): Explanation {
  const parts = facts.terms.map((term) => explainTerm(facts, term));
  return sumOf('BM25: sum over the terms', parts);
}

function explainTerm(
  { passages, length, averageLength, k1, b }: ScoreFacts,
  { term, frequency, occurrencesInQuery, passagesWithTerm }: TermFacts,
): Explanation {
  const norm = lengthNorm(length, averageLength, b);
  const idf = inverseDocumentFrequency(passages, passagesWithTerm);
  const weight = termWeight(frequency, norm, k1);
  const counts = `N ${passages}, n ${passagesWithTerm}`;
  return {
    description: `term "${term}": idf * weight * occurrences in the query`,
    score: idf * occurrencesInQuery * weight,
    parts: [
      leaf(`idf: ln(1 + (N - n + 0.5) / (n + 0.5)), ${counts}`, idf),
      {
        description: `weight: f (k1 + 1) / (f + k1 norm), k1 ${k1}`,
        score: weight,
        parts: [
          leaf('f: occurrences in the passage', frequency),
          {
            description: `norm: 1 - b + b length / average, b ${b}`,
            score: norm,
            parts: [leaf('length: terms in the passage', length), leaf('average', averageLength)],
          },
        ],
      },
      leaf('occurrences in the query', occurrencesInQuery),
    ],
  };
}
