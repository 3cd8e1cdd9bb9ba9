import { SspError } from '../src/errors/error.ts';
import type { Progress } from '../src/progress/progress.ts';
import { requireSameEncoder } from '../src/retrieval/encoder.ts';
import { dataFolder, readHead, writeHead } from '../src/retrieval/index-head.ts';
import { damagedIndex, openVectors } from '../src/retrieval/lance-tables.ts';
import { manifestHash } from '../src/retrieval/manifest-identity.ts';
import { openIndex } from '../src/retrieval/open-index.ts';
import type { Encoder, EncoderSource } from '../src/types/encoder.ts';
import type { IndexHead, IndexManifest, Recall, VectorIndex } from '../src/types/index-manifest.ts';
import { removeGenerations } from './generations.ts';
import { heldOutQueries, heldOutSentences } from './held-out-queries.ts';
import type { Check, StoredIndex } from './index-checks.ts';
import {
  checkByVectors,
  checkByWords,
  checkContent,
  checkCorpus,
  checkFiles,
} from './index-checks.ts';
import { withIndexFolder } from './index-folder.ts';
import type { SearchFigures } from './recall.ts';
import { measureSearch, searchExactly } from './recall.ts';

/** What `ssp index verify` was asked for. */
export interface VerifyRequest {
  readonly folder: string;
  /** Held against the index passage by passage, where given. */
  readonly corpusFolder?: string | undefined;
  /** Opens the encoder; called only for an index with vectors. */
  readonly openEncoder: (source: EncoderSource) => Promise<Encoder>;
  /** Held-out queries for the recall; by default a sentence each of 200 passages. */
  readonly queries?: readonly string[] | undefined;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What verifying found; the recall stands in the manifest too. */
export interface Verification {
  readonly ok: boolean;
  readonly manifestHash: string;
  readonly checks: readonly Check[];
  readonly recall?: Recall;
  /** Exact search of the vectors and, where there is one, that by their index: what each finds and takes. */
  readonly searches?: readonly MeasuredSearch[];
}

/** A way of searching the vectors. */
export interface MeasuredSearch extends SearchFigures {
  readonly type: VectorIndex['type'];
}

/** Exact searches that are timed: each reads every vector. */
const timedScans = 8;
const samplePassages = 50;

/**
 * Checks a finished index: first each of its files, by size and hash; where they are what was
 * written, rows, hashes of the content, a sample of passages in each index, the encoder. Measures the
 * recall of the dense index against exact search on held-out queries and records it; the hash of the
 * manifest does not change. What differs is told in `checks`. Throws SSP_FILE_NOT_FOUND,
 * SSP_INDEX_UNFINISHED, SSP_INDEX_DAMAGED where it cannot be read at all, SSP_ENCODER_MISMATCH,
 * SSP_INDEX_BUSY, and SSP_INTERRUPTED after an abort.
 */
export async function verifyIndex(request: VerifyRequest): Promise<Verification> {
  const { folder, progress, signal } = request;
  await readHead(folder); // before a lock is put into a folder that is no index
  return withIndexFolder(folder, async () => {
    try {
      const head = await readHead(folder);
      const verification = await checkAll(request, head);
      await removeGenerations(folder, head.former, progress);
      return verification;
    } catch (error) {
      if (!signal.aborted) throw damagedIndex(folder, error);
      throw new SspError('SSP_INTERRUPTED', { progress: 'nothing was changed.', resume: '' });
    }
  });
}

async function checkAll(request: VerifyRequest, head: IndexHead): Promise<Verification> {
  const { folder } = request;
  const files = await checkFiles(folder, head, request);
  const hash = manifestHash(head.manifest);
  if (!areOk(files)) return { ok: false, manifestHash: hash, checks: files };
  const { checks: content, searches } = await openAndCheck(request, head);
  const recall = searches?.at(-1)?.recall;
  const checks = [...files, ...content];
  const ok = areOk(checks);
  const dense = head.manifest.dense && { ...head.manifest.dense, ...(recall && { recall }) };
  const manifest = { ...head.manifest, ...(dense && { dense }) };
  if (recall !== undefined) await writeHead(folder, { ...head, manifest });
  return {
    ok,
    manifestHash: hash,
    checks,
    ...(recall && { recall }),
    ...(searches && { searches }),
  };
}

function areOk(checks: readonly Check[]): boolean {
  return checks.every(({ ok }) => ok);
}

type ContentChecks = Pick<Verification, 'checks' | 'searches'>;

async function openAndCheck(
  request: VerifyRequest,
  { generation, manifest }: IndexHead,
): Promise<ContentChecks> {
  const { folder } = request;
  const data = dataFolder(folder, generation);
  const vectors = await openVectors(folder, data, manifest);
  try {
    const encoder = manifest.dense && (await request.openEncoder(manifest.dense.encoderSource));
    try {
      return await runChecks(request, manifest, { data, vectors }, encoder);
    } finally {
      await encoder?.close();
    }
  } finally {
    vectors?.close();
  }
}

async function runChecks(
  request: VerifyRequest,
  manifest: IndexManifest,
  stored: StoredIndex,
  encoder: Encoder | undefined,
): Promise<ContentChecks> {
  const { folder, corpusFolder } = request;
  if (manifest.dense !== undefined && encoder !== undefined) {
    requireSameEncoder(folder, manifest.dense.encoder, encoder.description);
  }
  const checks: Check[] = [
    { name: 'rows and indexes', ok: true, detail: `${manifest.passages} passages` },
    ...(await checkContent(manifest, stored, request)),
    ...(corpusFolder === undefined
      ? []
      : await checkCorpus(corpusFolder, manifest, stored, request)),
    ...(await checkSample(folder, manifest, stored, encoder)),
  ];
  const searches = encoder && (await measureSearches(request, manifest, stored, encoder));
  return { checks, ...(searches && { searches }) };
}

async function checkSample(
  folder: string,
  manifest: IndexManifest,
  stored: StoredIndex,
  encoder: Encoder | undefined,
): Promise<Check[]> {
  if (manifest.passages === 0) return [];
  const index = await openIndex(folder);
  try {
    const sample = await index.sample(samplePassages);
    return [
      ...(manifest.bm25 === undefined ? [] : [await checkByWords(index.retriever('bm25'), sample)]),
      ...(encoder === undefined ? [] : await checkByVectors(stored, manifest, sample, encoder)),
    ];
  } finally {
    await index.close();
  }
}

async function measureSearches(
  { queries, progress, signal }: VerifyRequest,
  { dense, passages }: IndexManifest,
  { data, vectors }: StoredIndex,
  encoder: Encoder,
): Promise<MeasuredSearch[] | undefined> {
  if (dense === undefined || vectors === undefined || passages === 0) return undefined;
  const { vectorIndex } = dense;
  const texts = queries ?? heldOutSentences(data, passages, heldOutQueries);
  const stage = progress.stage('recall against exact search', 'queries', texts.length);
  const embeddings = await encoder.encodeQueries(texts, signal);
  const heldOut = await searchExactly(vectors, embeddings, stage, signal);
  const few = { ...heldOut, vectors: heldOut.vectors.slice(0, timedScans) };
  const scan = await measureSearch(vectors, { type: 'exact' }, few, signal);
  const exact: Recall = { queries: texts.length, at3: 1, at10: 1 };
  const searches: MeasuredSearch[] = [{ ...scan, type: 'exact', recall: exact }];
  if (vectorIndex.type !== 'exact') {
    const figures = await measureSearch(vectors, vectorIndex, heldOut, signal);
    searches.push({ type: vectorIndex.type, ...figures });
  }
  stage.end();
  return searches;
}
