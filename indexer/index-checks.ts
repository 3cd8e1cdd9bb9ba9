import { join } from 'node:path';

import { openCorpus } from '../corpus/corpus.ts';
import type { Progress } from '../src/progress/progress.ts';
import { nearestRows } from '../src/retrieval/dense-ranker.ts';
import type { IndexTables } from '../src/retrieval/lance-tables.ts';
import { hashFile } from '../src/storage/hash.ts';
import type { Encoder } from '../src/types/encoder.ts';
import type { IndexManifest } from '../src/types/index-manifest.ts';
import type { Passage } from '../src/types/passage.ts';
import type { Retriever } from '../src/types/retriever.ts';
import { hashPassages, hashStream, hashVectors } from './content-hash.ts';

/** One question put to the index, and the answer. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Where long checks report, and what ends them. */
export interface CheckOptions {
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** A passage must stand among its best hits; among many near copies it may stand lower. */
const sampleDepth = 20;
/** Passages without any term, or pushed down by copies, are no damage. */
const sampleShare = 0.9;
/** Two encodings of one text differ by less than this. */
const selfTolerance = 1e-3;

/** The stored passages and vectors are those that were written. */
export async function checkContent(
  { passages, passagesHash, dense }: IndexManifest,
  tables: IndexTables,
  { progress, signal }: CheckOptions,
): Promise<Check[]> {
  const stage = progress.stage('hashing passages', 'passages', passages);
  const hash = await hashPassages(tables.passages, stage, signal);
  stage.end();
  const checks = [equal('passages', passagesHash, hash)];
  if (dense === undefined || tables.vectors === undefined) return checks;
  const vectorStage = progress.stage('hashing vectors', 'vectors', passages);
  const vectors = await hashVectors(tables.vectors, dense.encoder.dimension, vectorStage, signal);
  vectorStage.end();
  return [...checks, equal('vectors', dense.vectorsHash, vectors.hash)];
}

/** The corpus at `folder` is whole, and the index holds its passages. */
export async function checkCorpus(
  folder: string,
  { corpusHash, passagesHash }: IndexManifest,
  { progress, signal }: CheckOptions,
): Promise<Check[]> {
  const corpus = await openCorpus(folder);
  const checks = [equal('corpus', corpusHash, corpus.manifest.corpusHash)];
  for (const { file, sha256 } of corpus.manifest.shards) {
    signal.throwIfAborted();
    checks.push(equal(`corpus file ${file}`, sha256, await hashFile(join(folder, file))));
  }
  const stage = progress.stage('hashing the corpus', 'passages', corpus.manifest.passages);
  const hash = await hashStream(corpus.passages(), stage, signal);
  stage.end();
  return [...checks, equal('corpus passages', passagesHash, hash)];
}

/** BM25 finds passages by their own words. */
export async function checkByWords(
  retriever: Retriever,
  sample: readonly Passage[],
): Promise<Check> {
  const words = sample.map(({ title, text }) => `${title} ${text}`);
  const results = await retriever.search(words, { topK: sampleDepth });
  const found = results.filter(({ hits }, i) =>
    hits.some(({ title, text }) => title === sample[i]?.title && text === sample[i].text),
  );
  return share('sample found by BM25', found.length, sample.length);
}

/** The encoder makes the stored vectors again, and the index finds them. */
export async function checkByVectors(
  tables: IndexTables,
  { dense }: IndexManifest,
  sample: readonly Passage[],
  encoder: Encoder,
): Promise<Check[]> {
  if (dense === undefined || tables.vectors === undefined) return [];
  const { vectors_N_D, dimension } = await encoder.encodePassages(sample);
  let found = 0;
  for (const i of sample.keys()) {
    const vector = vectors_N_D.subarray(i * dimension, (i + 1) * dimension);
    const self = vector.reduce((sum, value) => sum + value * value, 0);
    const [[best] = []] = await nearestRows(tables.vectors, dense.vectorIndex, [vector], 1);
    if (best !== undefined && best.score > self - selfTolerance * self) found += 1;
  }
  return [share('sample found by its vector', found, sample.length)];
}

function equal(name: string, expected: string, actual: string): Check {
  const ok = expected === actual;
  const shown = actual.slice(0, 12);
  return { name, ok, detail: ok ? shown : `${shown}, expected ${expected.slice(0, 12)}` };
}

function share(name: string, found: number, asked: number): Check {
  return { name, ok: found >= sampleShare * asked, detail: `${found} of ${asked}` };
}
