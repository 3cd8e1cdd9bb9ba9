import type { Explanation } from '../types/retriever.ts';
import type { Ranking } from './ranking.ts';

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
