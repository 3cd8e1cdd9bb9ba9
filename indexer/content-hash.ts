import { createHash } from 'node:crypto';

import type { Table } from '@lancedb/lancedb';
import type { RecordBatch } from 'apache-arrow';

import type { Stage } from '../src/progress/progress.ts';
import { texts } from '../src/retrieval/lance-tables.ts';
import { passageColumns, readPassages } from '../src/retrieval/passage-store.ts';
import type { Alias, Passage } from '../src/types/passage.ts';

/** SHA-256 over the stored passages in row order, as JSON lines. */
export async function hashPassages(
  table: Table,
  stage: Stage,
  signal: AbortSignal,
): Promise<string> {
  return hashStream(storedPassages(table, signal), stage, signal);
}

/** SHA-256 over passages in their order: what {@link hashPassages} gives for them in a table. */
export async function hashStream(
  passages: AsyncIterable<Passage>,
  stage: Stage,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256');
  for await (const { id, title, text, section, url, flag } of passages) {
    signal.throwIfAborted();
    hash.update(`${JSON.stringify([id, title, text, section, url, flag])}\n`);
    stage.add(1);
  }
  return hash.digest('hex');
}

async function* storedPassages(table: Table, signal: AbortSignal): AsyncGenerator<Passage> {
  for await (const batch of inRowOrder(table, passageColumns, signal)) {
    yield* readPassages(batch).values();
  }
}

/** SHA-256 over redirects in their order. */
export async function hashAliases(
  aliases: AsyncIterable<Alias>,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256');
  for await (const { alias, title } of aliases) {
    signal.throwIfAborted();
    hash.update(`${JSON.stringify([alias, title])}\n`);
  }
  return hash.digest('hex');
}

/** The redirects of an index in the order in which they were stored; none without a table. */
export async function* storedAliases(table: Table | undefined): AsyncGenerator<Alias> {
  if (table === undefined) return;
  for await (const batch of table.query().select(['alias', 'title'])) {
    const titles = texts(batch, 'title');
    for (const [i, alias] of texts(batch, 'alias').entries()) {
      yield { alias: alias ?? '', title: titles[i] ?? '' };
    }
  }
}

/** SHA-256 over the stored vectors in row order (float32, little-endian), and the cut passages. */
export async function hashVectors(
  table: Table,
  dimension: number,
  stage: Stage,
  signal: AbortSignal,
): Promise<{ readonly hash: string; readonly truncated: number }> {
  const hash = createHash('sha256');
  for await (const batch of inRowOrder(table, ['row', 'vector'], signal)) {
    const list = batch.getChild('vector')?.data[0];
    const values = list?.children[0]?.values as Float32Array | undefined;
    if (list === undefined || values === undefined) throw new Error('the vector column is empty');
    const start = list.offset * dimension;
    hash.update(values.subarray(start, start + list.length * dimension));
    stage.add(batch.numRows);
  }
  return { hash: hash.digest('hex'), truncated: await table.countRows('truncated') };
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
