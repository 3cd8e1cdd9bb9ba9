import type { RetrievedPassage } from '../types/episode.ts';

/** What finds passages for the players. */
export interface Searcher {
  /**
   * Passages for the query, best first; none where nothing was found. Throws an SspError where the
   * search failed, and the signal's reason once it is aborted.
   */
  search(query: string, signal: AbortSignal): Promise<readonly RetrievedPassage[]>;
}
