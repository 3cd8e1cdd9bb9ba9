import type { estypes } from '@elastic/elasticsearch';

import type { TextAnalyzer } from '../bm25/analyzer/analyzer.ts';
import type { Ranker, RowScore } from '../retrieval/ranker.ts';
import { sumOf } from '../retrieval/ranker.ts';
import type { Explanation } from '../types/retriever.ts';
import { clusterTerm } from './cluster-documents.ts';
import { passageOf } from './cluster-passages.ts';
import type { ClusterHit, SearchAll } from './cluster-search.ts';

/** Distinct terms of a query: a cluster refuses queries of many more. */
const mostTerms = 1024;

/**
 * BM25 by Elasticsearch over the terms that were pushed, with the manifest's k1 and b; equal scores by
 * id. Scores are of 32 bits, and Lucene keeps a passage's length in a byte: from 40 terms on it is rounded
 * down, by an eighth at most. Of a query with more than 1,024 distinct terms the first are searched, and
 * it counts as truncated.
 */
export function clusterBm25(analyzer: TextAnalyzer, search: SearchAll): Ranker {
  return {
    async rank(queries, depth, { signal, wantsPassages = false } = {}) {
      signal?.throwIfAborted();
      const weighed = queries.map((query) => weighTerms(analyzer.queryTerms(query)));
      const asked = weighed.flatMap((terms, i) => (terms.size === 0 ? [] : [i]));
      const found = await search(
        asked.map((i) => ({
          query: queryOf(weighed[i] ?? new Map<string, number>()),
          sort: ['_score', { id_order: 'asc' }],
          size: depth,
          track_total_hits: false,
          _source: wantsPassages,
        })),
        signal,
      );
      const rows = new Map(asked.map((query, at) => [query, (found[at] ?? []).map(rowOf)]));
      return weighed.map(({ size }, i) => ({
        rows: rows.get(i) ?? [],
        truncated: size > mostTerms,
      }));
    },
    async explain(query, row) {
      const terms = weighTerms(analyzer.queryTerms(query));
      const name = 'BM25 of Elasticsearch: sum over the terms';
      if (terms.size === 0) return sumOf(name, []);
      const ids = { ids: { values: [String(row)] } };
      const [hits = []] = await search([
        { query: { bool: { must: [queryOf(terms)], filter: [ids] } }, explain: true, size: 1 },
      ]);
      const explained = hits[0]?._explanation;
      // A hit's is its query's beside the filter's, which adds nothing.
      return sumOf(name, explained === undefined ? [] : [explanationOf(explained)]);
    },
  };
}

/** The distinct terms with how often they occur. */
function weighTerms(terms: readonly string[]): ReadonlyMap<string, number> {
  const weighed = new Map<string, number>();
  for (const term of terms.map(clusterTerm)) weighed.set(term, (weighed.get(term) ?? 0) + 1);
  return weighed;
}

function queryOf(terms: ReadonlyMap<string, number>): estypes.QueryDslQueryContainer {
  const first = Array.from(terms).slice(0, mostTerms);
  return {
    bool: { should: first.map(([value, boost]) => ({ term: { terms: { value, boost } } })) },
  };
}

function rowOf({ _id: id, _score: score, _source: source }: ClusterHit): RowScore {
  const passage = source === undefined ? {} : { passage: passageOf(source) };
  return { row: Number(id), score: score ?? 0, ...passage };
}

function explanationOf({
  value,
  description,
  details,
}: estypes.ExplainExplanationDetail): Explanation {
  return { description, score: value, parts: (details ?? []).map(explanationOf) };
}
