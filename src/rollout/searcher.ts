import type { RetrievedPassage } from '../types/episode.ts';
import type { SearchService } from '../types/search-service.ts';

/** What finds passages for the players. */
export interface Searcher {
  /**
   * Passages for the query, best first; none where nothing was found. Throws an SspError where the
   * search failed, and the signal's reason once it is aborted.
   */
  search(query: string, signal: AbortSignal): Promise<readonly RetrievedPassage[]>;
}

/** The best `topPassages` (1 or more) of a search service for each query. */
export function searcherOf(service: SearchService, topPassages: number): Searcher {
  return { search: (query, signal) => service.retrieve(query, topPassages, signal) };
}
