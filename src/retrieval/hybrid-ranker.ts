import type { Fusion } from '../types/index-manifest.ts';
import type { Explanation } from '../types/retriever.ts';
import { minMax, reciprocalRank, reciprocalRankFusion, scoreFusion, sumToOne } from './fusion.ts';
import type { IdsOf, Ranker, RankOptions, RowScore } from './ranker.ts';
import { leaf, rankCandidates, sumOf } from './ranker.ts';

/** Hybrid search: the BM25 and the dense ranking fused as `fusion` says. */
export function hybridRanker(bm25: Ranker, dense: Ranker, fusion: Fusion, idsOf: IdsOf): Ranker {
  const weights = fusionShares(fusion);

  async function bothRankings(
    queries: readonly string[],
    depth: number,
    { signal }: RankOptions = {},
  ): Promise<{ readonly rows: readonly RowScore[]; readonly truncated: boolean }[][]> {
    const deep = Math.max(depth, fusion.depth);
    const [byBm25, byDense] = await Promise.all([
      bm25.rank(queries, deep, { signal }),
      dense.rank(queries, deep, { signal }),
    ]);
    return queries.map((_query, i) => [byBm25[i] ?? empty, byDense[i] ?? empty]);
  }

  return {
    async rank(queries, depth, options) {
      const pairs = await bothRankings(queries, depth, options);
      const fused = pairs.map((pair) => {
        const rankings = pair.map(({ rows }, i) => ({ rows, weight: weights[i] ?? 0 }));
        return fusion.method === 'reciprocal-rank'
          ? reciprocalRankFusion(rankings, fusion.rankConstant)
          : scoreFusion(rankings, scoreRules[fusion.method].normalisation);
      });
      const ranked = await rankCandidates(fused, depth, idsOf);
      return ranked.map((rows, i) => ({
        rows,
        truncated: pairs[i]?.some(({ truncated }) => truncated) ?? false,
      }));
    },
    async explain(query, row) {
      const [pair = []] = await bothRankings([query], 1);
      const parts = await Promise.all([bm25.explain(query, row), dense.explain(query, row)]);
      return sumOf(
        `hybrid: ${fusion.method}, the best ${fusion.depth} of each ranking`,
        parts.map((part, i) =>
          explainShare(i === 0 ? 'BM25' : 'dense', pair[i]?.rows ?? [], row, part, {
            weight: weights[i] ?? 0,
            fusion,
          }),
        ),
      );
    },
  };
}

/** The score fusions, and how `explain` tells them. */
const scoreRules = {
  'min-max-score': {
    normalisation: minMax,
    formula: '(score - lowest) / (highest - lowest)',
  },
  'sum-score': {
    normalisation: sumToOne,
    formula: '(score - lowest) / sum of (score - lowest)',
  },
} as const;

const empty = { rows: [], truncated: false } as const;

/** The weights as shares that sum to 1, BM25's first; equal where both are 0. */
function fusionShares({ bm25Weight, denseWeight }: Fusion): readonly [number, number] {
  const sum = bm25Weight + denseWeight;
  return sum === 0 ? [0.5, 0.5] : [bm25Weight / sum, denseWeight / sum];
}

function explainShare(
  name: string,
  rows: readonly RowScore[],
  row: number,
  part: Explanation,
  { weight, fusion }: { readonly weight: number; readonly fusion: Fusion },
): Explanation {
  const index = rows.findIndex((found) => found.row === row);
  const found = rows[index];
  if (found === undefined) {
    return { description: `${name}: not among its best ${rows.length}`, score: 0, parts: [part] };
  }
  const share =
    fusion.method === 'reciprocal-rank'
      ? {
          description: `${name}: weight / (${fusion.rankConstant} + rank)`,
          score: reciprocalRank(index + 1, fusion.rankConstant, weight),
        }
      : {
          description: `${name}: weight * ${scoreRules[fusion.method].formula}`,
          score: weight * scoreRules[fusion.method].normalisation(rows)(found.score),
        };
  return { ...share, parts: [leaf('weight', weight), leaf('rank', index + 1), part] };
}
