import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { SspError } from '../errors/error.ts';
import { readJsonFile } from '../storage/json-files.ts';
import type { Encoder, EncoderSource } from '../types/encoder.ts';
import type { Fusion, IndexManifest } from '../types/index-manifest.ts';
import { indexManifestSchema } from '../types/index-manifest.ts';
import type { SearchIndex, SearchMode } from '../types/retriever.ts';
import { searchModes } from '../types/retriever.ts';
import { bm25Ranker } from './bm25-ranker.ts';
import { denseRanker } from './dense-ranker.ts';
import { requireSameEncoder } from './encoder.ts';
import { hybridRanker } from './hybrid-ranker.ts';
import type { IndexTables } from './lance-tables.ts';
import { damagedIndex, openIndexTables } from './lance-tables.ts';
import { manifestHash } from './manifest-identity.ts';
import { rankedRetriever } from './passage-retriever.ts';
import type { PassageStore } from './passage-store.ts';
import { openPassageStore } from './passage-store.ts';
import type { Ranker } from './ranker.ts';

/** How an index is opened. */
export interface OpenIndexOptions {
  /**
   * For the modes `dense` and `hybrid`: an encoder (the caller closes it), or how to open the one
   * that the manifest records (closed with the index; called only for an index with vectors).
   * Without it the index answers `bm25` only.
   */
  readonly encoder?: Encoder | ((source: EncoderSource) => Promise<Encoder>) | undefined;
  /** Fuses otherwise than the manifest says. */
  readonly fusion?: Fusion | undefined;
  /** Told what is being done, for a load progress; shares count from 0 to 1. */
  readonly onProgress?: ((step: string, share: number) => void) | undefined;
}

/** The manifest of a finished index. Throws SSP_FILE_NOT_FOUND or SSP_INDEX_UNFINISHED. */
export async function readIndexManifest(folder: string): Promise<IndexManifest> {
  const path = join(folder, 'manifest.json');
  if (!existsSync(path) && existsSync(join(folder, 'journal.json'))) {
    const progress = 'its build was interrupted or is still running.';
    throw new SspError('SSP_INDEX_UNFINISHED', { path: folder, progress });
  }
  return readJsonFile(path, 'index', indexManifestSchema);
}

/**
 * Opens the finished index at `folder`. Throws SSP_FILE_NOT_FOUND without one, SSP_INDEX_UNFINISHED
 * for a half-built one, SSP_INDEX_DAMAGED where tables are missing or have lost rows, and
 * SSP_ENCODER_MISMATCH for an encoder other than the index's.
 */
export async function openIndex(
  folder: string,
  options: OpenIndexOptions = {},
): Promise<SearchIndex> {
  const report = options.onProgress ?? (() => undefined);
  report('reading the manifest', 0);
  const manifest = await readIndexManifest(folder);
  const tables = await openIndexTables(folder, manifest);
  const store = await openPassageStore(tables.passages, tables.aliases);
  report('opening the encoder', 0.2);
  const encoder = await openIndexEncoder(folder, manifest, options.encoder);
  report('loading the indexes', 0.6);
  const rankers = createRankers(manifest, tables, store, {
    encoder: encoder?.encoder,
    fusion: options.fusion ?? manifest.fusion,
  });
  await warmUp(store, rankers).catch((error: unknown) => {
    throw damagedIndex(folder, error);
  });
  report('ready', 1);
  return createSearchIndex(manifest, store, rankers, async () => {
    tables.close();
    if (encoder?.owned === true) await encoder.encoder.close();
  });
}

type Rankers = ReadonlyMap<SearchMode, Ranker>;

async function openIndexEncoder(
  folder: string,
  { dense }: IndexManifest,
  given: OpenIndexOptions['encoder'],
): Promise<{ readonly encoder: Encoder; readonly owned: boolean } | undefined> {
  if (dense === undefined || given === undefined) return undefined;
  const owned = typeof given === 'function';
  const encoder = owned ? await given(dense.encoderSource) : given;
  try {
    requireSameEncoder(folder, dense.encoder, encoder.description);
  } catch (error) {
    if (owned) await encoder.close();
    throw error;
  }
  return { encoder, owned };
}

function createRankers(
  { bm25, dense, passages }: IndexManifest,
  tables: IndexTables,
  store: PassageStore,
  {
    encoder,
    fusion,
  }: { readonly encoder: Encoder | undefined; readonly fusion: Fusion | undefined },
): Rankers {
  const rankers = new Map<SearchMode, Ranker>();
  if (bm25 !== undefined) {
    rankers.set('bm25', bm25Ranker(tables.passages, bm25.analyzer, passages, store.ids));
  }
  if (dense !== undefined && encoder !== undefined && tables.vectors !== undefined) {
    rankers.set('dense', denseRanker(tables.vectors, dense.vectorIndex, encoder, store.ids));
  }
  const [first, second] = [rankers.get('bm25'), rankers.get('dense')];
  if (first !== undefined && second !== undefined && fusion !== undefined) {
    rankers.set('hybrid', hybridRanker(first, second, fusion, store.ids));
  }
  return rankers;
}

/**
 * Reads the first and last passage and searches once in each way: the first caller does not wait for
 * the indexes' first read, and files that cannot be read are found here.
 */
async function warmUp(store: PassageStore, rankers: Rankers): Promise<void> {
  if (store.count > 0) await store.passages([0, store.count - 1]);
  for (const mode of ['bm25', 'dense'] as const) await rankers.get(mode)?.rank(['warm up'], 1);
}

function createSearchIndex(
  manifest: IndexManifest,
  store: PassageStore,
  rankers: Rankers,
  close: () => Promise<void>,
): SearchIndex {
  const modes = searchModes.filter((mode) => rankers.has(mode));
  const retrievers = new Map(
    Array.from(rankers, ([mode, ranker]) => [mode, rankedRetriever(mode, ranker, store)]),
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
    async passage(id) {
      const row = await store.rowOf(id);
      return row === undefined ? undefined : (await store.passages([row])).get(row);
    },
    page: (title) => store.page(title),
    async sample(count) {
      const rows = evenlySpread(count, store.count);
      return [...(await store.passages(rows)).values()];
    },
    close,
  };
}

/** At most `count` of the rows 0..rows-1, evenly spread. */
function evenlySpread(count: number, rows: number): number[] {
  const taken = Math.min(count, rows);
  return Array.from({ length: taken }, (_value, i) => Math.floor(((i + 0.5) * rows) / taken));
}
