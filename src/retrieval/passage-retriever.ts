import { SspError } from '../errors/error.ts';
import type { Hit, QueryResult, Retriever, SearchMode } from '../types/retriever.ts';
import { maxTopK } from '../types/retriever.ts';
import type { PassageStore } from './passage-store.ts';
import type { Ranker, Ranking } from './ranker.ts';

/** A ranker with the passages behind its rows. */
export function rankedRetriever(mode: SearchMode, ranker: Ranker, store: PassageStore): Retriever {
  return {
    mode,
    async search(queries, { topK, signal }) {
      if (!Number.isInteger(topK) || topK < 1 || topK > maxTopK) {
        throw new SspError('SSP_TOPK_RANGE', { topK, maximum: maxTopK });
      }
      const rankings = await ranker.rank(queries, topK, { signal, wantsPassages: true });
      return readHits(rankings, store);
    },
    async explain(query, id) {
      const row = await store.rowOf(id);
      if (row === undefined) throw new SspError('SSP_PASSAGE_UNKNOWN', { id });
      return ranker.explain(query, row);
    },
  };
}

async function readHits(rankings: readonly Ranking[], store: PassageStore): Promise<QueryResult[]> {
  const unread = rankings.flatMap(({ rows }) => rows.filter((row) => row.passage === undefined));
  const passages = await store.passages(unread.map(({ row }) => row));
  return rankings.map(({ rows: ranked, truncated }) => ({
    truncated,
    hits: ranked.map(({ row, score, passage = passages.get(row) }, i): Hit => {
      if (passage === undefined) throw new Error(`row ${row} is not in the passage table`);
      const { id, title, text, section, url } = passage;
      return {
        id,
        title,
        text,
        ...(section === undefined ? {} : { section }),
        ...(url === undefined ? {} : { url }),
        score,
        rank: i + 1,
      };
    }),
  }));
}
