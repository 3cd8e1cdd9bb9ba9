import type { Table } from '@lancedb/lancedb';

import type { Stage } from '../src/progress/progress.ts';
import { nearestRows } from '../src/retrieval/dense-ranker.ts';
import type { RowScore } from '../src/retrieval/ranker.ts';
import type { Embeddings } from '../src/types/encoder.ts';
import type { Recall, VectorIndex } from '../src/types/index-manifest.ts';

/** Queries of one exact scan. */
const batchQueries = 64;
/** Scores this near are equal: the order among them is no question of recall. */
const tolerance = 1e-6;
/** Deepest rank at which recall is measured. */
const depth = 10;

/** Queries with what an exact search finds for each. */
export interface HeldOut {
  readonly vectors: readonly Float32Array[];
  /** The ten best rows of each, best first. */
  readonly exact: readonly (readonly RowScore[])[];
}

/** How a way of searching does on held-out queries. */
export interface SearchFigures {
  readonly recall: Recall;
  /** Mean time of a query that is asked alone. */
  readonly milliseconds: number;
}

/** Searches exactly for `queries`, none of which is a vector of the index. */
export async function searchExactly(
  table: Table,
  queries: Embeddings,
  stage: Stage,
  signal: AbortSignal,
): Promise<HeldOut> {
  const { vectors_N_D, dimension, truncated_N } = queries;
  const vectors = truncated_N.map((_value, i) =>
    vectors_N_D.subarray(i * dimension, (i + 1) * dimension),
  );
  const exact: RowScore[][] = [];
  for (let first = 0; first < vectors.length; first += batchQueries) {
    signal.throwIfAborted();
    const batch = vectors.slice(first, first + batchQueries);
    exact.push(...(await nearestRows(table, { type: 'exact' }, batch, depth)));
    stage.add(batch.length);
  }
  return { vectors, exact };
}

/**
 * Searches by `vectorIndex`, query by query: recall against exact search, the mean share of the exact
 * best k that is found, for k = 3 and 10, and time. At least one query.
 */
export async function measureSearch(
  table: Table,
  vectorIndex: VectorIndex,
  { vectors, exact }: HeldOut,
  signal: AbortSignal,
): Promise<SearchFigures> {
  const found: (readonly RowScore[])[] = [];
  const startMs = performance.now();
  for (const vector of vectors) {
    signal.throwIfAborted();
    const [rows = []] = await nearestRows(table, vectorIndex, [vector], depth);
    found.push(rows);
  }
  const milliseconds = (performance.now() - startMs) / vectors.length;
  const recall = (k: number): number =>
    mean(found.map((rows, i) => recallAt(k, rows, exact[i] ?? [])));
  return { recall: { queries: found.length, at3: recall(3), at10: recall(10) }, milliseconds };
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
