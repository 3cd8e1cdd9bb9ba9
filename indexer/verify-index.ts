import { join } from 'node:path';

import { SspError } from '../src/errors/error.ts';
import type { Progress } from '../src/progress/progress.ts';
import { requireSameEncoder } from '../src/retrieval/encoder.ts';
import type { IndexTables } from '../src/retrieval/lance-tables.ts';
import { damagedIndex, openIndexTables } from '../src/retrieval/lance-tables.ts';
import { manifestHash } from '../src/retrieval/manifest-identity.ts';
import { openIndex, readIndexManifest } from '../src/retrieval/open-index.ts';
import { writeJsonAtomic } from '../src/storage/atomic-file.ts';
import type { Encoder, EncoderSource } from '../src/types/encoder.ts';
import type { IndexManifest, Recall } from '../src/types/index-manifest.ts';
import { takeBuildLock } from './build-lock.ts';
import type { Check } from './index-checks.ts';
import { checkByVectors, checkByWords, checkContent, checkCorpus } from './index-checks.ts';
import { measureRecall, sentenceOf } from './recall.ts';

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
}

const heldOutQueries = 200;
const samplePassages = 50;

/**
 * Checks a finished index: rows, hashes, a sample of passages in each index, the encoder; measures
 * the recall of the dense index against exact search on held-out queries and writes it into the
 * manifest, whose hash does not change. What differs is told in `checks`. Throws SSP_FILE_NOT_FOUND,
 * SSP_INDEX_UNFINISHED, SSP_INDEX_DAMAGED where it cannot be read at all, SSP_ENCODER_MISMATCH,
 * SSP_INDEX_BUSY, and SSP_INTERRUPTED after an abort.
 */
export async function verifyIndex(request: VerifyRequest): Promise<Verification> {
  const { folder, signal } = request;
  const manifest = await readIndexManifest(folder);
  const release = await takeBuildLock(folder);
  try {
    const tables = await openIndexTables(folder, manifest);
    const encoder = manifest.dense && (await request.openEncoder(manifest.dense.encoderSource));
    try {
      return await runChecks(request, manifest, tables, encoder);
    } finally {
      tables.close();
      await encoder?.close();
    }
  } catch (error) {
    if (!signal.aborted) throw damagedIndex(folder, error);
    throw new SspError('SSP_INTERRUPTED', { progress: 'nothing was changed.', resume: '' });
  } finally {
    await release();
  }
}

async function runChecks(
  request: VerifyRequest,
  manifest: IndexManifest,
  tables: IndexTables,
  encoder: Encoder | undefined,
): Promise<Verification> {
  const { folder, corpusFolder } = request;
  if (manifest.dense !== undefined && encoder !== undefined) {
    requireSameEncoder(folder, manifest.dense.encoder, encoder.description);
  }
  const checks: Check[] = [
    { name: 'rows and indexes', ok: true, detail: `${manifest.passages} passages` },
    ...(await checkContent(manifest, tables, request)),
    ...(corpusFolder === undefined ? [] : await checkCorpus(corpusFolder, manifest, request)),
    ...(await checkSample(folder, manifest, tables, encoder)),
  ];
  const recall = encoder && (await recallOf(request, manifest, tables, encoder));
  if (recall !== undefined && manifest.dense !== undefined) {
    const dense = { ...manifest.dense, recall };
    await writeJsonAtomic(join(folder, 'manifest.json'), { ...manifest, dense });
  }
  return {
    ok: checks.every(({ ok }) => ok),
    manifestHash: manifestHash(manifest),
    checks,
    ...(recall === undefined ? {} : { recall }),
  };
}

async function checkSample(
  folder: string,
  manifest: IndexManifest,
  tables: IndexTables,
  encoder: Encoder | undefined,
): Promise<Check[]> {
  if (manifest.passages === 0) return [];
  const index = await openIndex(folder);
  try {
    const sample = await index.sample(samplePassages);
    return [
      ...(manifest.bm25 === undefined ? [] : [await checkByWords(index.retriever('bm25'), sample)]),
      ...(encoder === undefined ? [] : await checkByVectors(tables, manifest, sample, encoder)),
    ];
  } finally {
    await index.close();
  }
}

async function recallOf(
  { folder, queries, progress, signal }: VerifyRequest,
  { dense, passages }: IndexManifest,
  { vectors }: IndexTables,
  encoder: Encoder,
): Promise<Recall | undefined> {
  if (dense === undefined || vectors === undefined || passages === 0) return undefined;
  const texts = queries ?? (await sampleSentences(folder));
  const stage = progress.stage('recall against exact search', 'queries', texts.length);
  const embeddings = await encoder.encodeQueries(texts, signal);
  const recall = await measureRecall(vectors, dense.vectorIndex, embeddings, stage, signal);
  stage.end();
  return recall;
}

async function sampleSentences(folder: string): Promise<string[]> {
  const index = await openIndex(folder);
  try {
    return (await index.sample(heldOutQueries)).map(sentenceOf);
  } finally {
    await index.close();
  }
}
