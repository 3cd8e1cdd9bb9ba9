import type { estypes } from '@elastic/elasticsearch';

import type { IdsOf, Ranker, RowScore } from '../retrieval/ranker.ts';
import { fetchWithTies, leaf, rankCandidates, sumOf } from '../retrieval/ranker.ts';
import type { Encoder } from '../types/encoder.ts';
import type { VectorDtype } from '../types/index-manifest.ts';
import type { ClusterVectors } from './cluster-manifest.ts';
import type { SearchAll } from './cluster-search.ts';

/** Rows asked for beyond the depth: most ties at the cut end within them. */
const spareRows = 16;
/** What Elasticsearch gives at most. */
const mostRows = 10_000;

/** The vectors of an index in a cluster. */
interface VectorsOfIndex {
  readonly vectors: ClusterVectors;
  readonly vectorDtype: VectorDtype | undefined;
}

/**
 * Dense search by Elasticsearch: queries are encoded here, the score is the inner product with a
 * passage's vector, of quantised ones computed anew from the whole numbers. Of more than 10,000 passages
 * with one vector some are not compared by id.
 */
export function clusterVectors(
  { vectors, vectorDtype }: VectorsOfIndex,
  encoder: Encoder,
  search: SearchAll,
  idsOf: IdsOf,
): Ranker {
  const asStored = (vector: Float32Array): number[] =>
    Array.from(vectorDtype === 'fp16' ? new Float16Array(vector) : vector);
  const nearest = async (
    asked: readonly number[][],
    limit: number,
    signal?: AbortSignal,
    filter?: estypes.QueryDslQueryContainer,
  ): Promise<RowScore[][]> => {
    const k = Math.min(limit, mostRows);
    const found = await search(
      asked.map((vector) => ({
        knn: { ...knnOf(vectors, vector, k), ...(filter && { filter }) },
        size: k,
        track_total_hits: false,
        _source: false,
      })),
      signal,
    );
    return found.map((hits) =>
      hits.map(({ _id: id, _score: score }) => ({
        row: Number(id),
        score: innerProduct(score ?? 0),
      })),
    );
  };

  return {
    async rank(queries, depth, { signal } = {}) {
      const { vectors_N_D, dimension, truncated_N } = await encoder.encodeQueries(queries, signal);
      const asked = queries.map((_query, i) =>
        asStored(vectors_N_D.subarray(i * dimension, (i + 1) * dimension)),
      );
      const first = await nearest(asked, depth + spareRows, signal);
      const candidates = await Promise.all(
        asked.map((vector, i) =>
          fetchWithTies(depth, spareRows, async (limit) =>
            limit === depth + spareRows
              ? (first[i] ?? [])
              : ((await nearest([vector], limit, signal))[0] ?? []),
          ),
        ),
      );
      const ranked = await rankCandidates(candidates, depth, idsOf);
      return ranked.map((rows, i) => ({ rows, truncated: truncated_N[i] ?? false }));
    },
    async explain(query, row) {
      const { vectors_N_D } = await encoder.encodeQueries([query]);
      const only = { ids: { values: [String(row)] } };
      const [found = []] = await nearest([asStored(vectors_N_D)], 1, undefined, only);
      const product = found[0]?.score ?? 0;
      return sumOf('dense', [leaf('inner product of query vector and passage vector', product)]);
    },
  };
}

function knnOf(
  { oversample, candidates }: ClusterVectors,
  vector: number[],
  k: number,
): estypes.KnnSearch {
  return {
    field: 'vector',
    query_vector: vector,
    k,
    num_candidates: Math.min(
      mostRows,
      Math.max(k, candidates ?? 0, Math.ceil(k * (oversample ?? 1))),
    ),
    ...(oversample === undefined ? {} : { rescore_vector: { oversample } }),
  };
}

/** Elasticsearch's score of the similarity `max_inner_product`, which is above 0, turned back. */
function innerProduct(score: number): number {
  return score >= 1 ? score - 1 : 1 - 1 / score;
}
