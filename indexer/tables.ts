import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { Index, Table } from '@lancedb/lancedb';

import {
  connectTables,
  databaseFolder,
  vectorsSchema,
  vectorTable,
} from '../src/retrieval/lance-tables.ts';
import type { BuildContext } from './build-context.ts';
import { orAbort } from './build-context.ts';
import type { DensePlan } from './build-plan.ts';

/**
 * The table of vectors, made empty where it is not there; a folder without a first version, left by
 * a kill, counts as none.
 */
export async function ensureVectors(
  { folder }: Pick<BuildContext, 'folder'>,
  { encoder, vectorDtype }: DensePlan,
): Promise<Table> {
  const connection = await connectTables(folder);
  try {
    return await connection.openTable(vectorTable);
  } catch {
    const schema = vectorsSchema(encoder.dimension, vectorDtype);
    return connection.createEmptyTable(vectorTable, schema, { mode: 'create', existOk: true });
  }
}

/**
 * Makes the index of a column unless it is there and covers every row. What a build that was killed
 * left of one is removed first. On an abort it returns at once while the engine works on: the
 * process is expected to end.
 */
export async function ensureIndex(
  { folder, signal }: BuildContext,
  table: Table,
  column: string,
  config: Index,
): Promise<void> {
  const indices = await table.listIndices();
  const existing = indices.find(({ columns }) => columns.includes(column));
  if (existing !== undefined && existing.numUnindexedRows === 0) return;
  if ((await table.countRows()) === 0) return;
  await removeOrphans(folder, table);
  await orAbort(table.createIndex(column, { config }), signal);
}

/** Removes the folders of indexes that the table, in the generation's folder, does not name. */
export async function removeOrphans(folder: string, table: Table): Promise<void> {
  const kept = (await table.listIndices()).map(({ indexUuid }) => indexUuid);
  if (kept.includes(undefined)) return;
  const path = join(databaseFolder(folder), `${table.name}.lance`, '_indices');
  for (const name of await readdir(path).catch(() => [])) {
    if (!kept.includes(name)) await rm(join(path, name), { recursive: true });
  }
}
