import type { Table } from '@lancedb/lancedb';

import type { Stage } from '../src/progress/progress.ts';
import { nearestRows } from '../src/retrieval/dense-ranker.ts';
import type { RowScore } from '../src/retrieval/ranker.ts';
import type { Embeddings } from '../src/types/encoder.ts';
import type { Recall, VectorIndex } from '../src/types/index-manifest.ts';
import type { Passage } from '../src/types/passage.ts';

/** Queries of one exact scan. */
const batchQueries = 64;
/** Scores this near are equal: the order among them is no question of recall. */
const tolerance = 1e-6;

/**
 * Recall of a vector index against exact search: the mean share of the exact best k that the index
 * finds, for k = 3 and 10, on `queries`, none of which is a vector of the index.
 */
export async function measureRecall(
  table: Table,
  vectorIndex: VectorIndex,
  queries: Embeddings,
  stage: Stage,
  signal: AbortSignal,
): Promise<Recall> {
  const { vectors_N_D, dimension, truncated_N } = queries;
  const vectors = truncated_N.map((_value, i) =>
    vectors_N_D.subarray(i * dimension, (i + 1) * dimension),
  );
  const shares: { at3: number; at10: number }[] = [];
  for (let first = 0; first < vectors.length; first += batchQueries) {
    const batch = vectors.slice(first, first + batchQueries);
    signal.throwIfAborted();
    const exact = await nearestRows(table, { type: 'exact' }, batch, 10);
    for (const [i, vector] of batch.entries()) {
      signal.throwIfAborted();
      const [found = []] = await nearestRows(table, vectorIndex, [vector], 10);
      const truth = exact[i] ?? [];
      shares.push({ at3: recallAt(3, found, truth), at10: recallAt(10, found, truth) });
      stage.add(1);
    }
  }
  return {
    queries: shares.length,
    at3: mean(shares.map(({ at3 }) => at3)),
    at10: mean(shares.map(({ at10 }) => at10)),
  };
}

/**
 * The share of the exact best `k` that `found` has among its first `k`; both best first. A row that
 * scores no less than the exact k-th counts as one of them. 1 where there is nothing to find.
 */
export function recallAt(
  k: number,
  found: readonly RowScore[],
  exact: readonly RowScore[],
): number {
  const wanted = exact.slice(0, k);
  const lowest = wanted.at(-1)?.score;
  if (lowest === undefined) return 1;
  const good = found.slice(0, k).filter(({ score }) => score >= lowest - tolerance);
  return Math.min(good.length, wanted.length) / wanted.length;
}

/** Rounded to four decimals: more would only show the queries' sampling. */
function mean(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  return Math.round((sum / values.length) * 1e4) / 1e4;
}

const minimumWords = 4;

/**
 * A query that is not in the index: the longest sentence of a passage, which is encoded as a query
 * while the index holds the vector of the whole passage with its title.
 */
export function sentenceOf({ title, text }: Passage): string {
  const sentences = text.split(/(?<=[.!?。])\s+/u).filter((sentence) => sentence !== text);
  const longest = sentences.sort((a, b) => b.length - a.length)[0] ?? '';
  if (longest.split(/\s+/u).length >= minimumWords) return longest;
  const words = text.split(/\s+/u);
  return words.length > minimumWords
    ? words.slice(0, Math.ceil(words.length / 2)).join(' ')
    : `${title} ${text}`;
}
