import { isSspError, SspError } from '../errors/error.ts';
import type { IndexManifest } from '../types/index-manifest.ts';
import type { Passage } from '../types/passage.ts';
import type { IndexFiles, Retriever, SearchIndex, SearchMode } from '../types/retriever.ts';
import { searchModes } from '../types/retriever.ts';
import { manifestHash } from './manifest-identity.ts';
import { rankedRetriever } from './passage-retriever.ts';
import type { PassageStore } from './passage-store.ts';
import type { Ranker } from './ranker.ts';

/** The rankers of an index by the mode that they answer. */
export type Rankers = ReadonlyMap<SearchMode, Ranker>;

/** An index that answers by `rankers`, with the passages of `store`. */
export function createSearchIndex(
  manifest: IndexManifest,
  store: PassageStore,
  rankers: Rankers,
  files: IndexFiles,
): Omit<SearchIndex, 'generation' | 'files' | 'close'> {
  const modes = searchModes.filter((mode) => rankers.has(mode));
  const retrievers = new Map(
    Array.from(rankers, ([mode, ranker]) => {
      const ranked = rankedRetriever(mode, ranker, store);
      const retriever: Retriever = {
        mode,
        search: (queries, options) => told(files, ranked.search(queries, options), options.signal),
        explain: (query, id) => told(files, ranked.explain(query, id)),
      };
      return [mode, retriever];
    }),
  );
  return {
    manifest,
    manifestHash: manifestHash(manifest),
    modes,
    retriever(mode) {
      const retriever = retrievers.get(mode);
      if (retriever !== undefined) return retriever;
      const shown = modes.length === 0 ? 'none without its encoder' : modes.join(', ');
      throw new SspError('SSP_MODE_UNAVAILABLE', { mode, modes: shown });
    },
    passage: (id) => told(files, passageOf(store, id)),
    page: (title) => told(files, store.page(title)),
    async sample(count) {
      const rows = evenlySpread(count, store.count);
      return [...(await told(files, store.passages(rows))).values()];
    },
  };
}

async function passageOf(store: PassageStore, id: string): Promise<Passage | undefined> {
  const row = await store.rowOf(id);
  return row === undefined ? undefined : (await store.passages([row])).get(row);
}

/**
 * What `work` gives. A failure without a code is looked into: SSP_INDEX_DAMAGED where files of the
 * index have been taken away or cut, else the failure itself.
 */
async function told<Value>(
  files: IndexFiles,
  work: Promise<Value>,
  signal?: AbortSignal,
): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    if (!isSspError(error) && signal?.aborted !== true) await files.checkSizes();
    throw error;
  }
}

/** At most `count` of the rows 0..rows-1, evenly spread. */
export function evenlySpread(count: number, rows: number): number[] {
  const taken = Math.min(count, rows);
  return Array.from({ length: taken }, (_value, i) => Math.floor(((i + 0.5) * rows) / taken));
}
