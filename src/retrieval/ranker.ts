import type { Passage } from '../types/passage.ts';
import type { Explanation } from '../types/retriever.ts';

/**
 * A backend: ranks rows. Result i answers query i and does not
 * depend on the other queries.
 */
export interface Ranker {
  /** The best `depth` rows of each query, best first, equal scores by id. */
  rank(queries: readonly string[], depth: number, options?: RankOptions): Promise<Ranking[]>;
  /** The parts of the score of `row`. */
  explain(query: string, row: number): Promise<Explanation>;
}

/** How rows are ranked. */
export interface RankOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * The caller wants the passages of all rows: a ranker that can read them along with the scores
   * hands them on, which is cheaper than reading them afterwards.
   */
  readonly wantsPassages?: boolean;
}

/** Gives the ids of rows: what rankers need to order equal scores. */
export type IdsOf = (rows: Iterable<number>) => Promise<ReadonlyMap<number, string>>;

/** A passage by its row, with its score. */
export interface RowScore {
  readonly row: number;
  readonly score: number;
  /** The passage itself, where the ranker has read it. */
  readonly passage?: Passage;
}

/** What a backend finds for one query: best first, equal scores by id. */
export interface Ranking {
  readonly rows: readonly RowScore[];
  /** Whether the query was cut at the encoder's limit. */
  readonly truncated: boolean;
}

/**
 * For each query the best `depth` of its candidates, by falling score and, among equal scores, by
 * rising id (UTF-16 code units). Ids are asked for only where scores are equal and the passage is not
 * read yet, once for all queries. The candidates of a query must hold every passage that ties with the last one kept.
 */
export async function rankCandidates(
  candidates: readonly (readonly RowScore[])[],
  depth: number,
  idsOf: (rows: Iterable<number>) => Promise<ReadonlyMap<number, string>>,
): Promise<RowScore[][]> {
  const sorted = candidates.map((rows) => {
    const best = [...rows].sort((a, b) => b.score - a.score);
    const lowest = best[depth - 1]?.score ?? -Infinity;
    return best.filter(({ score }) => score >= lowest);
  });
  const tied = sorted.flatMap((rows) =>
    rows.filter(({ score }, i) => score === rows[i - 1]?.score || score === rows[i + 1]?.score),
  );
  const unread = tied.filter(({ passage }) => passage === undefined).map(({ row }) => row);
  const ids = unread.length === 0 ? new Map<number, string>() : await idsOf(unread);
  const idOf = ({ row, passage }: RowScore): string | undefined => passage?.id ?? ids.get(row);
  return sorted.map((rows) =>
    rows.sort((a, b) => b.score - a.score || compare(idOf(a), idOf(b))).slice(0, depth),
  );
}

function compare(a = '', b = ''): number {
  return a < b ? -1 : Number(a > b);
}

/**
 * Asks a backend for its best `depth` rows and for every row that ties with the last of them:
 * `fetch(limit)` gives the best `limit` rows, best first, and is asked for `spareRows` (at least 1)
 * beyond the depth, and again with a larger limit while the tie reaches the end.
 */
export async function fetchWithTies(
  depth: number,
  spareRows: number,
  fetch: (limit: number) => Promise<readonly RowScore[]>,
): Promise<readonly RowScore[]> {
  for (let spare = spareRows; ; spare *= 8) {
    const limit = depth + spare;
    const rows = await fetch(limit);
    const last = rows[depth - 1];
    if (rows.length < limit || last === undefined || rows.at(-1)?.score !== last.score) return rows;
  }
}

/** A part that has no parts of its own. */
export function leaf(description: string, score: number): Explanation {
  return { description, score, parts: [] };
}

/** A score that is the sum of its parts; 0 without parts. */
export function sumOf(description: string, parts: readonly Explanation[]): Explanation {
  return { description, score: parts.reduce((sum, part) => sum + part.score, 0), parts };
}
