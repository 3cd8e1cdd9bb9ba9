import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { Table } from '@lancedb/lancedb';
import { z } from 'zod';

import { dataFolder, earlierLayout, headName } from '../src/retrieval/index-head.ts';
import { connectTables, vectorTable } from '../src/retrieval/lance-tables.ts';
import { readJsonFile } from '../src/storage/json-files.ts';
import {
  faissOriginSchema,
  generationSchema,
  vectorDtypeSchema,
} from '../src/types/index-manifest.ts';
import { vectorRows } from './arrow-rows.ts';
import type { BuildContext } from './build-context.ts';
import type { BuildPlan, DensePlan } from './build-plan.ts';
import { plannedEncoderSchema } from './build-plan.ts';
import { hashVectors } from './content-hash.ts';
import { readVectors } from './stored-vectors.ts';
import { ensureVectors } from './tables.ts';
import { segmentRows } from './vector-stage.ts';
import { stagingName } from './vector-staging.ts';

/** What every version of a manifest says of vectors. */
const manifestSchema = z.object({
  corpusHash: z.string(),
  dense: z.object({
    encoder: plannedEncoderSchema,
    vectorDtype: vectorDtypeSchema.default('fp32'),
    importedFrom: faissOriginSchema.optional(),
    vectorsHash: z.string(),
  }),
});
const headSchema = z.union([
  z.object({ generation: generationSchema, manifest: manifestSchema }),
  manifestSchema.transform((manifest) => ({ generation: earlierLayout, manifest })),
]);
type EarlierHead = z.output<typeof headSchema>;

/**
 * The generation of the index in `folder` whose vectors are those of `plan`, if only by another format
 * or in more digits; undefined where there is none. The index may be of an earlier version that is no
 * longer searched: its vectors lie as they do today.
 */
export async function generationWithVectors(
  folder: string,
  { corpusHash, dense }: BuildPlan,
): Promise<string | undefined> {
  const head = await readEarlierHead(folder);
  if (head === undefined || dense === undefined) return undefined;
  const { manifest, generation } = head;
  const { encoder, vectorDtype, importedFrom } = manifest.dense;
  const isSame =
    manifest.corpusHash === corpusHash &&
    sameValue(encoder, dense.encoder) &&
    sameValue(importedFrom, dense.importedFrom) &&
    (vectorDtype === 'fp32' || vectorDtype === dense.vectorDtype);
  return isSame ? generation : undefined;
}

async function readEarlierHead(folder: string): Promise<EarlierHead | undefined> {
  return readJsonFile(join(folder, headName), 'index', headSchema).catch(() => undefined);
}

function sameValue(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/**
 * Stage `vectors` from a generation of the index at `indexFolder`: copies them into the table, from where
 * an earlier run stopped, in the numbers that the plan wants. False, and nothing is copied, where the
 * vectors are not whole: they are to be encoded.
 */
export async function copyVectors(
  context: BuildContext,
  plan: DensePlan,
  indexFolder: string,
  generation: string,
): Promise<boolean> {
  const { progress, signal, corpus } = context;
  const source = await openWhole(context, plan, indexFolder, generation);
  if (source === undefined) {
    progress.note('the vectors of the index before are damaged: every passage is encoded again');
    return false;
  }
  for (const name of await readdir(context.folder)) {
    if (stagingName.test(name)) await rm(join(context.folder, name));
  }
  const table = await ensureVectors(context, plan);
  const total = corpus.manifest.passages;
  const done = await table.countRows();
  const stage = progress.stage('vectors of the index before', 'passages', total - done);
  for (let row = done; row < total; row += segmentRows) {
    signal.throwIfAborted();
    const count = Math.min(segmentRows, total - row);
    const { vectors_N_D, truncated_N } = await readVectors(
      source,
      row,
      count,
      plan.encoder.dimension,
    );
    await table.add(vectorRows(vectors_N_D, truncated_N, row, plan.vectorDtype));
    stage.add(count);
  }
  stage.end();
  source.close();
  table.close();
  return true;
}

/** The earlier table, where it holds what was written. */
async function openWhole(
  { progress, signal }: BuildContext,
  { encoder }: DensePlan,
  indexFolder: string,
  generation: string,
): Promise<Table | undefined> {
  const head = await readEarlierHead(indexFolder);
  try {
    const connection = await connectTables(dataFolder(indexFolder, generation));
    const table = await connection.openTable(vectorTable);
    const stage = progress.stage('checking the vectors of the index before', 'vectors');
    const { hash } = await hashVectors(table, encoder.dimension, stage, signal);
    stage.end();
    return hash === head?.manifest.dense.vectorsHash ? table : undefined;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
