import { silentProgress } from '../../src/progress/progress.ts';
import { bm25Ranker } from '../../src/retrieval/bm25-ranker.ts';
import { denseRanker } from '../../src/retrieval/dense-ranker.ts';
import { openEncoder } from '../../src/retrieval/encoder.ts';
import { dataFolder, readHead } from '../../src/retrieval/index-head.ts';
import { openVectors } from '../../src/retrieval/lance-tables.ts';
import { passageStore } from '../../src/retrieval/passage-store.ts';
import type { Ranker, RowScore } from '../../src/retrieval/ranker.ts';
import { startSearchThreads } from '../../src/retrieval/search-threads.ts';
import type { IndexManifest } from '../../src/types/index-manifest.ts';

const batch = 256;

/** The rankings that fusions are made of, one list of rows per query. */
export interface IndexRankings {
  readonly manifest: IndexManifest;
  readonly bm25: readonly (readonly RowScore[])[];
  /** Dense by comparing every vector. */
  readonly exact: readonly (readonly RowScore[])[];
  /** Dense by the index that was built, as deep as the fusion asks. */
  readonly approximate: readonly (readonly RowScore[])[];
  /** The same asked for `topK` alone: fewer candidates are compared again with the full vectors. */
  readonly approximateTop: readonly (readonly RowScore[])[];
  /** Passage ids by row. */
  readonly ids: ReadonlyMap<number, string>;
}

/** Ranks every query by BM25 and dense, exactly and approximately, `depth` deep. */
export async function rankAll(
  folder: string,
  queries: readonly string[],
  { depth, topK }: { readonly depth: number; readonly topK: number },
  threads: number,
): Promise<IndexRankings> {
  const { manifest, generation } = await readHead(folder);
  const data = dataFolder(folder, generation);
  const vectors = await openVectors(folder, data, manifest);
  const { bm25, dense, passages, aliases } = manifest;
  if (!vectors || !bm25 || !dense) throw new Error(`${folder} lacks a mode`);
  const { analyzer } = bm25;
  const counts = { passages, aliases };
  const searchThreads = await startSearchThreads({ folder: data, counts, analyzer, threads });
  const store = passageStore(searchThreads, passages);
  const source = { ...dense.encoderSource, threads, batchTokens: 1024 };
  const encoder = await openEncoder(source, { progress: silentProgress });
  try {
    const byBm25 = bm25Ranker(searchThreads);
    const byVectors = denseRanker(
      vectors,
      { ...dense, vectorIndex: { type: 'exact' } },
      encoder,
      store.ids,
    );
    const byIndex = denseRanker(vectors, dense, encoder, store.ids);
    const rows = Array.from({ length: manifest.passages }, (_value, row) => row);
    return {
      manifest,
      bm25: await rank(byBm25, queries, depth),
      exact: await rank(byVectors, queries, depth),
      approximate: await rank(byIndex, queries, depth),
      approximateTop: await rank(byIndex, queries, topK),
      ids: await store.ids(rows),
    };
  } finally {
    await encoder.close();
    await searchThreads.close();
  }
}

async function rank(
  ranker: Ranker,
  queries: readonly string[],
  depth: number,
): Promise<(readonly RowScore[])[]> {
  const lists: (readonly RowScore[])[] = [];
  for (let start = 0; start < queries.length; start += batch) {
    const rankings = await ranker.rank(queries.slice(start, start + batch), depth);
    lists.push(...rankings.map(({ rows }) => rows));
  }
  return lists;
}
