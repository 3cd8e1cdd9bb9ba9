/**
 * Okapi BM25 (Robertson and Zaragoza 2009, section 3.5, with the idf of Lucene that is never
 * negative). The score of a passage is the sum over the query's terms, repeats counted, of
 * `idf * termWeight`.
 */
export interface Bm25Parameters {
  /** How soon further occurrences of a term stop to count, 0 or more. */
  readonly k1: number;
  /** How much long passages are held back, 0..1. */
  readonly b: number;
}

/** `ln(1 + (N - n + 0.5) / (n + 0.5))` for a term in `n` of `N` passages; above 0 for n <= N. */
export function inverseDocumentFrequency(passages: number, passagesWithTerm: number): number {
  return Math.log1p((passages - passagesWithTerm + 0.5) / (passagesWithTerm + 0.5));
}

/** `1 - b + b * length / averageLength`, lengths in terms; 1 for a passage of average length. */
export function lengthNorm(length: number, averageLength: number, b: number): number {
  return 1 - b + (b * length) / averageLength;
}

/** `f (k1 + 1) / (f + k1 * norm)` for a term that occurs `f` times; 0 for f = 0, below k1 + 1. */
export function termWeight(frequency: number, norm: number, k1: number): number {
  return (frequency * (k1 + 1)) / (frequency + k1 * norm);
}
