import { join } from 'node:path';

import type { Table } from '@lancedb/lancedb';

import { openCorpus } from '../corpus/corpus.ts';
import type { Progress } from '../src/progress/progress.ts';
import { nearestRows } from '../src/retrieval/dense-ranker.ts';
import { fileProblems } from '../src/retrieval/index-files.ts';
import { contentProblem } from '../src/storage/recorded-file.ts';
import type { CorpusFile } from '../src/types/corpus-manifest.ts';
import type { Encoder } from '../src/types/encoder.ts';
import type { IndexHead, IndexManifest } from '../src/types/index-manifest.ts';
import type { Passage } from '../src/types/passage.ts';
import type { Retriever } from '../src/types/retriever.ts';
import {
  hashAliases,
  hashPassages,
  hashStoredAliases,
  hashStream,
  hashVectors,
} from './content-hash.ts';

/** A generation of an index, opened to be checked. */
export interface StoredIndex {
  /** Its folder. */
  readonly data: string;
  /** Where it has some. */
  readonly vectors: Table | undefined;
}

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

/** Every file is what was written, and there is no other. */
export async function checkFiles(
  folder: string,
  head: IndexHead,
  { progress, signal }: CheckOptions,
): Promise<Check[]> {
  const { files } = head;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const stage = progress.stage('hashing files', 'bytes', bytes);
  const onBytes = (count: number): void => {
    stage.add(count);
  };
  const problems = await fileProblems(folder, head, { signal, onBytes });
  stage.end();
  if (problems.length === 0) return [{ name: 'files', ok: true, detail: `${files.length} files` }];
  return problems.map(({ file, problem }) => ({ name: file, ok: false, detail: problem }));
}

/** The stored passages and vectors are those that were written. */
export async function checkContent(
  { passages, passagesHash, dense }: IndexManifest,
  stored: StoredIndex,
  { progress, signal }: CheckOptions,
): Promise<Check[]> {
  const stage = progress.stage('hashing passages', 'passages', passages);
  const hash = await hashPassages(stored.data, passages, stage, signal);
  stage.end();
  const checks = [equal('passages', passagesHash, hash)];
  if (dense === undefined || stored.vectors === undefined) return checks;
  const vectorStage = progress.stage('hashing vectors', 'vectors', passages);
  const vectors = await hashVectors(stored.vectors, dense.encoder.dimension, vectorStage, signal);
  vectorStage.end();
  return [...checks, equal('vectors', dense.vectorsHash, vectors.hash)];
}

/** The corpus at `folder` is whole, and the index holds its passages and redirects. */
export async function checkCorpus(
  folder: string,
  { corpusHash, passagesHash, aliases }: IndexManifest,
  index: StoredIndex,
  { progress, signal }: CheckOptions,
): Promise<Check[]> {
  const corpus = await openCorpus(folder);
  const { manifest } = corpus;
  const checks = [equal('corpus', corpusHash, manifest.corpusHash)];
  const aliasFiles = manifest.aliasFile === undefined ? [] : [manifest.aliasFile];
  for (const file of [...manifest.shards, ...aliasFiles]) {
    checks.push(await checkCorpusFile(folder, file, signal));
  }
  if (checks.slice(1).some(({ ok }) => !ok)) return checks; // its rows are not to be read
  const stage = progress.stage('hashing the corpus', 'passages', manifest.passages);
  const hash = await hashStream(corpus.passages(), stage, signal);
  stage.end();
  const [written, stored] = [
    await hashAliases(corpus.aliases(), signal),
    await hashStoredAliases(index.data, aliases, signal),
  ];
  return [
    ...checks,
    equal('corpus passages', passagesHash, hash),
    equal('corpus redirects', written, stored),
  ];
}

async function checkCorpusFile(
  folder: string,
  file: CorpusFile,
  signal: AbortSignal,
): Promise<Check> {
  const problem = await contentProblem(join(folder, file.file), file, { signal });
  const detail = problem ?? file.sha256.slice(0, 12);
  return { name: `corpus file ${file.file}`, ok: problem === undefined, detail };
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
  stored: StoredIndex,
  { dense }: IndexManifest,
  sample: readonly Passage[],
  encoder: Encoder,
): Promise<Check[]> {
  if (dense === undefined || stored.vectors === undefined) return [];
  const { vectors_N_D, dimension } = await encoder.encodePassages(sample);
  let found = 0;
  for (const i of sample.keys()) {
    const vector = vectors_N_D.subarray(i * dimension, (i + 1) * dimension);
    const self = vector.reduce((sum, value) => sum + value * value, 0);
    const [[best] = []] = await nearestRows(stored.vectors, dense.vectorIndex, [vector], 1);
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
