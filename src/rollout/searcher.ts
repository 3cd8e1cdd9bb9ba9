import type { Asker } from '../types/asker.ts';
import type { RetrievedPassage } from '../types/episode.ts';
import type { SearchService } from '../types/search-service.ts';

/** What finds passages for the players. */
export interface Searcher {
  /**
   * Passages for the query, best first; none where nothing was found. The service is told the `asker`.
   * Throws an SspError where the search failed, and the signal's reason once it is aborted.
   */
  search(query: string, signal: AbortSignal, asker?: Asker): Promise<readonly RetrievedPassage[]>;
}

/** The best `topPassages` (1 or more) of a search service for each query, asked by `usual` unless told. */
export function searcherOf(
  service: SearchService,
  topPassages: number,
  usual: Asker = {},
): Searcher {
  return {
    search: (query, signal, asker = usual) => service.retrieve(query, topPassages, signal, asker),
  };
}
