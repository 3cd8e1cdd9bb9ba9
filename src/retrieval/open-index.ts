import type { Table } from '@lancedb/lancedb';

import type { Encoder, EncoderDescription, EncoderSource } from '../types/encoder.ts';
import type { Fusion, IndexManifest } from '../types/index-manifest.ts';
import type { SearchIndex, SearchMode } from '../types/retriever.ts';
import { bm25Ranker } from './bm25-ranker.ts';
import { denseRanker } from './dense-ranker.ts';
import { requireSameEncoder } from './encoder.ts';
import { hybridRanker } from './hybrid-ranker.ts';
import { openIndexFiles } from './index-files.ts';
import { dataFolder } from './index-head.ts';
import { damagedIndex, openVectors } from './lance-tables.ts';
import type { PassageStore } from './passage-store.ts';
import { passageStore } from './passage-store.ts';
import type { Ranker } from './ranker.ts';
import type { HeldIndex } from './reader-lease.ts';
import { holdIndex } from './reader-lease.ts';
import type { Rankers } from './search-index.ts';
import { createSearchIndex } from './search-index.ts';
import type { SearchThreads } from './search-threads.ts';
import { startSearchThreads } from './search-threads.ts';

/** Opens the encoder of an index by where it was and by what its vectors were made with. */
export type OpenIndexEncoder = (
  source: EncoderSource,
  description: EncoderDescription,
) => Promise<Encoder | undefined>;

/** How an index is opened. */
export interface OpenIndexOptions {
  /**
   * For the modes `dense` and `hybrid`: an encoder (the caller closes it), or how to open the one
   * that the manifest records (closed with the index; called only for an index with vectors).
   * Without it, and where that gives undefined, the index answers `bm25` only.
   */
  readonly encoder?: Encoder | OpenIndexEncoder | undefined;
  /** Fuses otherwise than the manifest says. */
  readonly fusion?: Fusion | undefined;
  /** Threads that search; all cores by default. */
  readonly threads?: number | undefined;
  /** Told what is being done, for a load progress; shares count from 0 to 1. */
  readonly onProgress?: ((step: string, share: number) => void) | undefined;
  /** Told what the user should know of an index that can be opened all the same. */
  readonly onNote?: ((text: string) => void) | undefined;
}

/**
 * Opens the finished index at `folder` and holds its generation until it is closed: no build removes
 * it. Throws SSP_FILE_NOT_FOUND without one, SSP_INDEX_UNFINISHED for a half-built one,
 * SSP_INDEX_DAMAGED where files are missing or have another size, and SSP_ENCODER_MISMATCH for an
 * encoder other than the index's.
 */
export async function openIndex(
  folder: string,
  options: OpenIndexOptions = {},
): Promise<SearchIndex> {
  options.onProgress?.('reading the manifest', 0);
  const held = await holdIndex(folder);
  const opened: (() => Promise<void> | void)[] = [() => held.release()];
  const close = async (): Promise<void> => {
    for (const closeOne of opened.splice(0).toReversed()) await closeOne();
  };
  try {
    return await openHeld(folder, held, options, opened, close);
  } catch (error) {
    await close();
    throw error;
  }
}

/** What is to be closed is put into `opened`. */
async function openHeld(
  folder: string,
  held: HeldIndex,
  options: OpenIndexOptions,
  opened: (() => Promise<void> | void)[],
  close: () => Promise<void>,
): Promise<SearchIndex> {
  const report = options.onProgress ?? (() => undefined);
  const { manifest, generation } = held.head;
  if (held.problem !== undefined) {
    options.onNote?.(
      `the index at ${folder} cannot be held (${held.problem}): a build that replaces it will not wait until it is closed here`,
    );
  }
  const files = openIndexFiles(folder, held.head);
  await files.checkSizes();
  const data = dataFolder(folder, generation);
  const threads = await startSearchThreads({
    folder: data,
    counts: { passages: manifest.passages, aliases: manifest.aliases },
    analyzer: manifest.bm25?.analyzer,
    threads: options.threads,
  });
  opened.push(() => threads.close());
  const vectors = await openVectors(folder, data, manifest);
  opened.push(() => vectors?.close());
  const store = passageStore(threads, manifest.passages);
  report('opening the encoder', 0.2);
  const encoder = await openIndexEncoder(folder, manifest, options.encoder);
  if (encoder?.owned === true) opened.push(() => encoder.encoder.close());
  report('loading the indexes', 0.6);
  const rankers = createRankers(manifest, { threads, vectors }, store, {
    encoder: encoder?.encoder,
    fusion: options.fusion ?? manifest.fusion,
  });
  await warmUp(store, rankers).catch((error: unknown) => {
    throw damagedIndex(folder, error);
  });
  report('ready', 1);
  return { ...createSearchIndex(manifest, store, rankers, files), generation, files, close };
}

/**
 * The encoder of an index with vectors, given or opened (`owned`: the caller closes it); undefined where
 * there is none to open. Throws SSP_ENCODER_MISMATCH for another one than the index's.
 */
export async function openIndexEncoder(
  folder: string,
  { dense }: IndexManifest,
  given: OpenIndexOptions['encoder'],
): Promise<{ readonly encoder: Encoder; readonly owned: boolean } | undefined> {
  if (dense === undefined || given === undefined) return undefined;
  const owned = typeof given === 'function';
  const encoder = owned ? await given(dense.encoderSource, dense.encoder) : given;
  if (encoder === undefined) return undefined;
  try {
    requireSameEncoder(folder, dense.encoder, encoder.description);
  } catch (error) {
    if (owned) await encoder.close();
    throw error;
  }
  return { encoder, owned };
}

function createRankers(
  { bm25, dense }: IndexManifest,
  { threads, vectors }: { readonly threads: SearchThreads; readonly vectors: Table | undefined },
  store: PassageStore,
  {
    encoder,
    fusion,
  }: { readonly encoder: Encoder | undefined; readonly fusion: Fusion | undefined },
): Rankers {
  const rankers = new Map<SearchMode, Ranker>();
  if (bm25 !== undefined) {
    rankers.set('bm25', bm25Ranker(threads));
  }
  if (dense !== undefined && encoder !== undefined && vectors !== undefined) {
    rankers.set('dense', denseRanker(vectors, dense, encoder, store.ids));
  }
  return fusedRankers(rankers, fusion, store.ids);
}

/** The rankers with their fusion, where there are both. */
export function fusedRankers(
  rankers: Rankers,
  fusion: Fusion | undefined,
  idsOf: PassageStore['ids'],
): Rankers {
  const [first, second] = [rankers.get('bm25'), rankers.get('dense')];
  if (first === undefined || second === undefined || fusion === undefined) return rankers;
  return new Map([...rankers, ['hybrid', hybridRanker(first, second, fusion, idsOf)]]);
}

/**
 * Reads the first and last passage and searches once in each way: the first caller does not wait for
 * the indexes' first read, and files that cannot be read are found here.
 */
async function warmUp(store: PassageStore, rankers: Rankers): Promise<void> {
  if (store.count > 0) await store.passages([0, store.count - 1]);
  for (const mode of ['bm25', 'dense'] as const) await rankers.get(mode)?.rank(['warm up'], 1);
}
