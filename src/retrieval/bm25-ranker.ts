import { explainBm25 } from './bm25-explanation.ts';
import type { Ranker } from './ranker.ts';
import type { SearchThreads } from './search-threads.ts';

/** The most queries of one call of a thread: its reply is read in a millisecond or two. */
const mostQueries = 32;

/**
 * BM25 by the index's own engine, exact and ordered by id where scores are equal. The queries of a
 * batch are spread over the threads. A query is text throughout: no character is an operator.
 */
export function bm25Ranker(threads: SearchThreads): Ranker {
  return {
    async rank(queries, depth, { signal, wantsPassages = false } = {}) {
      signal?.throwIfAborted();
      const even = Math.ceil(queries.length / threads.threads);
      const size = Math.max(1, Math.min(even, mostQueries));
      const parts = Array.from({ length: Math.ceil(queries.length / size) }, (_value, i) =>
        queries.slice(i * size, (i + 1) * size),
      );
      const found = await Promise.all(
        parts.map((part) => threads.call('search', [part, depth, wantsPassages], signal)),
      );
      return found.flat().map((rows) => ({ rows, truncated: false }));
    },
    async explain(query, row) {
      return explainBm25(await threads.call('explain', [query, row]));
    },
  };
}
