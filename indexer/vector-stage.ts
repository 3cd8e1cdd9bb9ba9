import type { Table } from '@lancedb/lancedb';
import { Index } from '@lancedb/lancedb';

import { mapOrdered } from '../src/concurrency/limits.ts';
import type { Stage } from '../src/progress/progress.ts';
import type { Embeddings, Encoder } from '../src/types/encoder.ts';
import type { VectorDtype, VectorIndexPlan } from '../src/types/index-manifest.ts';
import type { Passage } from '../src/types/passage.ts';
import { inBatches, vectorRows } from './arrow-rows.ts';
import type { BuildContext } from './build-context.ts';
import { withHeartbeat } from './build-context.ts';
import type { DensePlan } from './build-plan.ts';
import { vectorSeconds } from './sizing.ts';
import { ensureIndex, ensureVectors } from './tables.ts';
import { VectorStaging } from './vector-staging.ts';

/** Passages that are encoded in one call and kept together: what an interruption loses at most. */
const chunkRows = 512;
/** Chunks that embeddings servers have at once, so that none waits while another one is stored. */
const remoteChunks = 8;
/** Vectors of one commit to the table: a fragment of it. */
export const segmentRows = 128 * chunkRows;

/** Stage `vectors`: encodes every passage, from where an earlier run stopped. */
export async function encodePassages(
  context: BuildContext,
  plan: DensePlan,
  encoder: Encoder,
): Promise<void> {
  const { corpus, progress, signal } = context;
  const { dimension } = plan.encoder;
  const total = corpus.manifest.passages;
  const table = await ensureVectors(context, plan);
  let stage: Stage | undefined;
  for (let row = await table.countRows(); row < total; row = await table.countRows()) {
    const staging = await VectorStaging.open(context.folder, row, dimension, chunkRows);
    try {
      const done = row + staging.rows;
      if (stage === undefined && done > 0) progress.note(`vectors: going on after ${done}`);
      stage ??= progress.stage('vectors', 'passages', total - done);
      signal.throwIfAborted();
      await fillSegment(context, encoder, staging, row, stage);
      await commitSegment(table, staging, row, plan.vectorDtype);
    } catch (error) {
      await staging.close();
      throw error;
    }
    await staging.discard();
  }
  stage?.end();
  table.close();
}

async function fillSegment(
  { corpus, signal }: BuildContext,
  encoder: Encoder,
  staging: VectorStaging,
  firstRow: number,
  stage: Stage,
): Promise<void> {
  const left = Math.min(segmentRows, corpus.manifest.passages - firstRow) - staging.rows;
  if (left <= 0) return;
  const failure = new AbortController();
  const ends = AbortSignal.any([signal, failure.signal]);
  const chunks = inBatches(firstOf(left, corpus.passages(firstRow + staging.rows)), chunkRows);
  const limit = encoder.description.dtype === 'remote' ? remoteChunks : 1;
  const encode = (chunk: Passage[]): Promise<Embeddings> => encoder.encodePassages(chunk, ends);
  try {
    for await (const embeddings of mapOrdered(chunks, limit, encode)) {
      signal.throwIfAborted();
      await staging.append(embeddings);
      stage.add(embeddings.truncated_N.length);
    }
  } catch (error) {
    failure.abort(error);
    throw error;
  }
}

/** The first `count` of a stream. */
async function* firstOf<Item>(count: number, items: AsyncIterable<Item>): AsyncGenerator<Item> {
  let given = 0;
  for await (const item of items) {
    yield item;
    given += 1;
    if (given === count) return;
  }
}

async function commitSegment(
  table: Table,
  staging: VectorStaging,
  firstRow: number,
  dtype: VectorDtype,
): Promise<void> {
  const { vectors_N_D, truncated_N } = await staging.read();
  await table.add(vectorRows(vectors_N_D, truncated_N, firstRow, dtype));
}

/** Stage `vector-index`: the approximate index over the vectors, where one was chosen. */
export async function indexVectors(context: BuildContext, plan: DensePlan): Promise<void> {
  const { vectorIndex } = plan;
  if (vectorIndex.type === 'exact') return;
  const { corpus, progress } = context;
  const stage = progress.stage(`vector index ${vectorIndex.type}`, 'vectors');
  const table = await ensureVectors(context, plan);
  const expectedSeconds = vectorSeconds(corpus.manifest.passages, plan.encoder.dimension, 2);
  await withHeartbeat(progress, 'vector index', expectedSeconds, () =>
    ensureIndex(context, table, 'vector', lanceVectorIndex(vectorIndex)),
  );
  table.close();
  stage.add(corpus.manifest.passages);
  stage.end();
}

function lanceVectorIndex(chosen: Exclude<VectorIndexPlan, { type: 'exact' }>): Index {
  const common = { distanceType: 'dot', numPartitions: chosen.partitions } as const;
  switch (chosen.type) {
    case 'ivf-rq':
      return Index.ivfRq({ ...common, numBits: chosen.bits });
    case 'ivf-pq':
      return Index.ivfPq({ ...common, numSubVectors: chosen.subVectors });
    case 'hnsw-sq':
      return Index.hnswSq({
        ...common,
        m: chosen.m,
        efConstruction: chosen.efConstruction,
      });
  }
}
