import type { RowScore } from './ranker.ts';

/**
 * Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): a row's score is the sum over the
 * rankings of `weight / (rankConstant + rank)`, ranks counted from 1; a ranking without the row
 * adds nothing. Weights are shares that sum to 1; with equal ones the order is that of the paper.
 * The rows come out in no particular order.
 */
export function reciprocalRankFusion(
  rankings: readonly { readonly rows: readonly RowScore[]; readonly weight: number }[],
  rankConstant: number,
): RowScore[] {
  const scores = new Map<number, number>();
  for (const { rows, weight } of rankings) {
    for (const [i, { row }] of rows.entries()) {
      scores.set(row, (scores.get(row) ?? 0) + reciprocalRank(i + 1, rankConstant, weight));
    }
  }
  return Array.from(scores, ([row, score]) => ({ row, score }));
}

/** What one ranking adds to a row at `rank` (from 1). */
export function reciprocalRank(rank: number, rankConstant: number, weight: number): number {
  return weight / (rankConstant + rank);
}

/** A map of a ranking's scores to comparable ones, made from the ranking. */
export type Normalisation = (rows: readonly RowScore[]) => (score: number) => number;

/**
 * Weighted sum of normalised scores (Fox and Shaw 1994, CombSUM); a ranking without the row adds
 * nothing. Weights are shares that sum to 1. The rows come out in no particular order.
 */
export function scoreFusion(
  rankings: readonly { readonly rows: readonly RowScore[]; readonly weight: number }[],
  normalisation: Normalisation,
): RowScore[] {
  const fused = new Map<number, number>();
  for (const { rows, weight } of rankings) {
    const normalise = normalisation(rows);
    for (const { row, score } of rows) {
      fused.set(row, (fused.get(row) ?? 0) + weight * normalise(score));
    }
  }
  return Array.from(fused, ([row, score]) => ({ row, score }));
}

/** Stretched to 0..1 by the lowest and the highest score; where all are equal, each is 1. */
export const minMax: Normalisation = (rows) => {
  const scores = rows.map(({ score }) => score);
  const lowest = Math.min(...scores);
  const range = Math.max(...scores) - lowest;
  return (score) => (range === 0 ? 1 : (score - lowest) / range);
};

/**
 * Shifted so that the lowest is 0 and divided by their sum (Montague and Aslam 2001, "sum"), so that
 * a ranking in which few rows stand out speaks louder for them; where all are equal, each is 1 / n.
 */
export const sumToOne: Normalisation = (rows) => {
  const scores = rows.map(({ score }) => score);
  const lowest = Math.min(...scores);
  const sum = scores.reduce((total, score) => total + score - lowest, 0);
  return (score) => (sum === 0 ? 1 / rows.length : (score - lowest) / sum);
};
