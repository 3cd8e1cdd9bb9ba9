import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

import type { Table } from '@lancedb/lancedb';
import type { RecordBatch } from 'apache-arrow';

import type { Stage } from '../src/progress/progress.ts';
import {
  aliasJson,
  openAliasRecords,
  openPassageRecords,
  passageJson,
} from '../src/retrieval/passage-files.ts';
import type { RecordReader } from '../src/storage/record-segments.ts';
import type { Alias, Passage } from '../src/types/passage.ts';

/** Records between two looks at the signal and at what else waits. */
const sliceRecords = 1024;

/** SHA-256 over the stored passages in row order, as JSON lines. */
export async function hashPassages(
  folder: string,
  count: number,
  stage: Stage,
  signal: AbortSignal,
): Promise<string> {
  const records = openPassageRecords(folder, count);
  try {
    return await hashRecords(records, stage, signal);
  } finally {
    records.close();
  }
}

/** SHA-256 over the stored redirects in their order, as JSON lines. */
export async function hashStoredAliases(
  folder: string,
  count: number,
  signal: AbortSignal,
): Promise<string> {
  const records = openAliasRecords(folder, count);
  try {
    return await hashRecords(records, { add: () => undefined }, signal);
  } finally {
    records.close();
  }
}

async function hashRecords(
  records: RecordReader,
  stage: Pick<Stage, 'add'>,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256');
  let unreported = 0;
  for (const json of records.jsonFrom(0)) {
    hash.update(json).update('\n');
    unreported += 1;
    if (unreported < sliceRecords) continue;
    stage.add(unreported);
    unreported = 0;
    await setImmediate();
    signal.throwIfAborted();
  }
  stage.add(unreported);
  return hash.digest('hex');
}

/** SHA-256 over passages in their order: what {@link hashPassages} gives for them in an index. */
export async function hashStream(
  passages: AsyncIterable<Passage>,
  stage: Stage,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256');
  for await (const passage of passages) {
    signal.throwIfAborted();
    hash.update(`${passageJson(passage)}\n`);
    stage.add(1);
  }
  return hash.digest('hex');
}

/** SHA-256 over redirects in their order. */
export async function hashAliases(
  aliases: AsyncIterable<Alias>,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256');
  for await (const alias of aliases) {
    signal.throwIfAborted();
    hash.update(`${aliasJson(alias)}\n`);
  }
  return hash.digest('hex');
}

/** SHA-256 over the stored vectors in row order (little-endian), and the cut passages. */
export async function hashVectors(
  table: Table,
  dimension: number,
  stage: Stage,
  signal: AbortSignal,
): Promise<{ readonly hash: string; readonly truncated: number }> {
  const hash = createHash('sha256');
  for await (const batch of inRowOrder(table, ['row', 'vector'], signal)) {
    hash.update(storedVectors(batch, dimension));
    stage.add(batch.numRows);
  }
  return { hash: hash.digest('hex'), truncated: await table.countRows('truncated') };
}

/** The numbers of a batch's vectors, row after row: of fp16 the bits. */
export function storedVectors(batch: RecordBatch, dimension: number): Float32Array | Uint16Array {
  const list = batch.getChild('vector')?.data[0];
  const values = list?.children[0]?.values as Float32Array | Uint16Array | undefined;
  if (list === undefined || values === undefined) throw new Error('the vector column is empty');
  const start = list.offset * dimension;
  return values.subarray(start, start + list.length * dimension);
}

/** Scans a table and makes sure that its rows come as 0, 1, 2, ... */
async function* inRowOrder(
  table: Table,
  columns: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<RecordBatch> {
  let next = 0;
  for await (const batch of table.query().select([...columns])) {
    signal.throwIfAborted();
    for (const row of batch.getChild('row') as Iterable<number>) {
      if (row !== next) throw new Error(`row ${row} stands where row ${next} belongs`);
      next += 1;
    }
    yield batch;
  }
}
