import type { Table } from '@lancedb/lancedb';
import { MatchQuery } from '@lancedb/lancedb';

import { createLimiter } from '../concurrency/limits.ts';
import type { Analyzer } from '../types/index-manifest.ts';
import { explainBm25 } from './bm25-explanation.ts';
import { bm25Statistics } from './bm25-statistics.ts';
import { contentsColumn, numbers } from './lance-tables.ts';
import { passageColumns, readPassages } from './passage-store.ts';
import type { IdsOf, Ranker, RowScore } from './ranker.ts';
import { fetchWithTies, rankCandidates } from './ranker.ts';

/** Queries in flight at once; LanceDB spreads each over its own threads. */
const concurrency = 16;
/** Rows asked for beyond the depth: one shows whether a tie crosses the cut, each costs its read. */
const spareRows = 1;

/** BM25 by LanceDB's full-text index. A query is text throughout: no character is an operator. */
export function bm25Ranker(
  table: Table,
  analyzer: Analyzer,
  passages: number,
  idsOf: IdsOf,
): Ranker {
  const statistics = bm25Statistics(table, analyzer, passages);
  const limited = createLimiter(concurrency);

  return {
    async rank(queries, depth, { signal, wantsPassages = false } = {}) {
      const candidates = await Promise.all(
        queries.map((query) =>
          fetchWithTies(depth, spareRows, (limit) =>
            limited(() => bestRows(table, query, limit, wantsPassages), signal),
          ),
        ),
      );
      const ranked = await rankCandidates(candidates, depth, idsOf);
      return ranked.map((rows) => ({ rows, truncated: false }));
    },
    explain: (query, row) => explainBm25(statistics, analyzer, query, row),
  };
}

/**
 * The best `limit` rows of one query as the engine scores them, best first, with their passages if
 * `withPassages`: read in the search itself they cost half of what a read of their own costs.
 */
async function bestRows(
  table: Table,
  query: string,
  limit: number,
  withPassages: boolean,
): Promise<RowScore[]> {
  const found = await table
    .query()
    .fullTextSearch(new MatchQuery(query, contentsColumn))
    .select([...(withPassages ? passageColumns : ['row']), '_score'])
    .fastSearch()
    .limit(limit)
    .toArrow();
  const scores = numbers(found, '_score');
  const passages = withPassages ? readPassages(found) : undefined;
  return numbers(found, 'row').map((row, i) => {
    const passage = passages?.get(row);
    return { row, score: scores[i] ?? 0, ...(passage === undefined ? {} : { passage }) };
  });
}
