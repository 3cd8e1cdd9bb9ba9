import { join } from 'node:path';

import type { Connection, Table } from '@lancedb/lancedb';
import { connect } from '@lancedb/lancedb';
import { Bool, Field, FixedSizeList, Float16, Float32, Schema, Uint32 } from 'apache-arrow';

import { isSspError, messageOf, SspError } from '../errors/error.ts';
import type { IndexManifest, VectorDtype } from '../types/index-manifest.ts';

/** The table of an index's vectors. */
export const vectorTable = 'vectors';

/** The vectors of the passages, one row each. */
export function vectorsSchema(dimension: number, dtype: VectorDtype): Schema {
  return new Schema([
    new Field('row', new Uint32(), false),
    new Field('vector', vectorType(dimension, dtype), false),
    new Field('truncated', new Bool(), false),
  ]);
}

/** A vector as a cell of the table. */
export function vectorType(
  dimension: number,
  dtype: VectorDtype,
): FixedSizeList<Float16 | Float32> {
  const number: Float16 | Float32 = dtype === 'fp16' ? new Float16() : new Float32();
  return new FixedSizeList(dimension, new Field<Float16 | Float32>('item', number, false));
}

/** Where the tables of a generation's folder lie. */
export function databaseFolder(folder: string): string {
  return join(folder, 'lance');
}

/** The database of a generation's folder. */
export function connectTables(folder: string): Promise<Connection> {
  return connect(databaseFolder(folder));
}

/** What tables and record batches have in common: columns by name. */
export interface Columns {
  getChild(name: string): Iterable<unknown> | null;
}

/** A numeric column as plain numbers. */
export function numbers(table: Columns, column: string): number[] {
  return Array.from(table.getChild(column) ?? [], Number);
}

/**
 * Opens the vectors that lie at `data` of the index at `folder`, undefined where it has none, and
 * holds their rows and index against the manifest. Throws SSP_INDEX_DAMAGED naming what is missing: a
 * row that no index covers would never be found.
 */
export async function openVectors(
  folder: string,
  data: string,
  { passages, dense }: IndexManifest,
): Promise<Table | undefined> {
  if (dense === undefined) return undefined;
  try {
    const table = await (await connectTables(data)).openTable(vectorTable);
    await requireWhole(table, passages, dense.vectorIndex.type !== 'exact');
    return table;
  } catch (error) {
    throw damagedIndex(folder, error);
  }
}

/** A failure of the engine on an index's files as SSP_INDEX_DAMAGED; a coded error as it is. */
export function damagedIndex(folder: string, error: unknown): SspError {
  if (isSspError(error)) return error;
  const problem = messageOf(error).split('\n')[0] ?? '';
  return new SspError('SSP_INDEX_DAMAGED', { path: folder, problem }, { cause: error });
}

async function requireWhole(table: Table, expectedRows: number, isIndexed: boolean): Promise<void> {
  const rows = await table.countRows();
  if (rows !== expectedRows) {
    throw new Error(`the table of vectors has ${rows} rows instead of ${expectedRows}`);
  }
  if (rows === 0 || !isIndexed) return;
  const index = (await table.listIndices()).find(({ columns }) => columns.includes('vector'));
  if (index?.numUnindexedRows !== 0) {
    throw new Error('the index of the vectors does not cover every row');
  }
}
