import type { Table, VectorQuery } from '@lancedb/lancedb';

import { createLimiter } from '../concurrency/limits.ts';
import type { Encoder } from '../types/encoder.ts';
import type { VectorDtype, VectorIndex } from '../types/index-manifest.ts';
import { numbers } from './lance-tables.ts';
import type { IdsOf, Ranker, RowScore } from './ranker.ts';
import { fetchWithTies, leaf, rankCandidates, sumOf } from './ranker.ts';
/** Searches of an index in flight at once; LanceDB spreads each over its own threads. */
const indexConcurrency = 8;
/** An exact scan reads every vector and uses all cores: several at once only hinder each other. */
const scanConcurrency = 1;
/** Queries that share one exact scan. */
const scanQueries = 64;
/** Rows asked for beyond the depth: most ties at the cut end within them. */
const spareRows = 16;

/** How the vectors lie, and how they are searched. */
interface DenseSearch {
  readonly vectorIndex: VectorIndex;
  readonly vectorDtype?: VectorDtype | undefined;
}

/**
 * Dense search: queries are encoded, the score is the inner product with a passage's vector. Where the
 * table holds fp16, LanceDB rounds the query's vector to it too.
 */
export function denseRanker(
  table: Table,
  { vectorIndex, vectorDtype }: DenseSearch,
  encoder: Encoder,
  idsOf: IdsOf,
): Ranker {
  const isScan = vectorIndex.type === 'exact';
  const limited = createLimiter(isScan ? scanConcurrency : indexConcurrency);

  /** The candidates of queries that share one search of the table. */
  async function findTogether(
    vectors: readonly Float32Array[],
    depth: number,
    signal: AbortSignal | undefined,
  ): Promise<(readonly RowScore[])[]> {
    const nearest = (wanted: readonly Float32Array[], limit: number): Promise<RowScore[][]> =>
      limited(() => nearestRows(table, vectorIndex, wanted, limit), signal);
    const first = await nearest(vectors, depth + spareRows);
    return Promise.all(
      vectors.map((vector, i) =>
        fetchWithTies(depth, spareRows, async (limit) =>
          limit === depth + spareRows
            ? (first[i] ?? [])
            : ((await nearest([vector], limit))[0] ?? []),
        ),
      ),
    );
  }

  return {
    async rank(queries, depth, { signal } = {}) {
      const { vectors_N_D, dimension, truncated_N } = await encoder.encodeQueries(queries, signal);
      const vectors = queries.map((_query, i) =>
        vectors_N_D.subarray(i * dimension, (i + 1) * dimension),
      );
      const size = isScan ? scanQueries : 1;
      const groups = Array.from({ length: Math.ceil(vectors.length / size) }, (_value, i) =>
        vectors.slice(i * size, (i + 1) * size),
      );
      const found = await Promise.all(groups.map((group) => findTogether(group, depth, signal)));
      const ranked = await rankCandidates(found.flat(), depth, idsOf);
      return ranked.map((rows, i) => ({ rows, truncated: truncated_N[i] ?? false }));
    },
    async explain(query, row) {
      const { vectors_N_D } = await encoder.encodeQueries([query]);
      const asked = vectorDtype === 'fp16' ? new Float16Array(vectors_N_D) : vectors_N_D;
      const found = await table.takeOffsets([row]).select(['vector']).toArrow();
      const vector = Array.from(found.getChild('vector')?.get(0) as Iterable<number>);
      const product = vector.reduce((sum, value, d) => sum + value * (asked[d] ?? 0), 0);
      return sumOf('dense', [leaf('inner product of query vector and passage vector', product)]);
    },
  };
}

/**
 * For each vector the `limit` rows with the largest inner product, best first, by the index or by
 * one exact scan for all of them.
 */
export async function nearestRows(
  table: Table,
  vectorIndex: VectorIndex,
  vectors: readonly Float32Array[],
  limit: number,
): Promise<RowScore[][]> {
  const [first, ...others] = vectors;
  if (first === undefined) return [];
  let query = table.query().nearestTo(first);
  for (const vector of others) query = query.addQueryVector(vector);
  const several = others.length === 0 ? [] : ['query_index'];
  const found = await withSearchParameters(query.distanceType('dot'), vectorIndex, limit)
    .limit(limit)
    .select(['row', '_distance', ...several])
    .toArrow();
  const results: RowScore[][] = vectors.map(() => []);
  const distances = numbers(found, '_distance');
  const queryIndexes = numbers(found, 'query_index');
  for (const [i, row] of numbers(found, 'row').entries()) {
    results[queryIndexes[i] ?? 0]?.push({ row, score: 1 - (distances[i] ?? 1) });
  }
  for (const rows of results) rows.sort((a, b) => b.score - a.score);
  return results;
}

function withSearchParameters(
  query: VectorQuery,
  vectorIndex: VectorIndex,
  limit: number,
): VectorQuery {
  switch (vectorIndex.type) {
    case 'exact':
      return query.bypassVectorIndex();
    case 'ivf-rq':
    case 'ivf-pq':
      return query.nprobes(vectorIndex.probes).refineFactor(vectorIndex.refineFactor);
    case 'hnsw-sq':
      return query
        .nprobes(vectorIndex.probes)
        .ef(Math.max(vectorIndex.ef, limit * vectorIndex.refineFactor))
        .refineFactor(vectorIndex.refineFactor);
  }
}
