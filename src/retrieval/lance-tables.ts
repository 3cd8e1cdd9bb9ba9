import { join } from 'node:path';

import type { Connection, Table } from '@lancedb/lancedb';
import { connect } from '@lancedb/lancedb';
import { Bool, Field, FixedSizeList, Float32, Schema, Uint32, Utf8 } from 'apache-arrow';

import { isSspError, messageOf, SspError } from '../errors/error.ts';
import type { IndexManifest } from '../types/index-manifest.ts';

/** Tables of an index. Passages and vectors lie apart, so that either mode stands alone. */
export const tableNames = {
  passages: 'passages',
  aliases: 'aliases',
  vectors: 'vectors',
} as const;

/** The column that BM25 indexes: a passage's title and text as {@link contentsOf} joins them. */
export const contentsColumn = 'contents';

/**
 * `row` is the passage's position in the corpus, from 0; rows are appended in this order. The text
 * is stored once: in the contents, from the UTF-16 code unit `textStart` on.
 */
export const passagesSchema = new Schema([
  new Field('row', new Uint32(), false),
  new Field('id', new Utf8(), false),
  new Field('title', new Utf8(), false),
  new Field(contentsColumn, new Utf8(), false),
  new Field('textStart', new Uint32(), false),
  new Field('section', new Utf8(), true),
  new Field('url', new Utf8(), true),
  new Field('flag', new Utf8(), true),
]);

export const aliasesSchema = new Schema([
  new Field('alias', new Utf8(), false),
  new Field('title', new Utf8(), false),
]);

/** The vectors of the passages, one row each. */
export function vectorsSchema(dimension: number): Schema {
  const item = new Field('item', new Float32(), false);
  return new Schema([
    new Field('row', new Uint32(), false),
    new Field('vector', new FixedSizeList(dimension, item), false),
    new Field('truncated', new Bool(), false),
  ]);
}

/**
 * What BM25 indexes of a passage: its title `titleWeight` times, each on a line, then its text.
 * Repeating a title weighs its words more within the one BM25 score (measured better than a field
 * of its own: docs/index.md).
 */
export function contentsOf(
  { title, text }: { readonly title: string; readonly text: string },
  titleWeight: number,
): string {
  return `${`${title}\n`.repeat(titleWeight)}${text}`;
}

/** Where the tables of a generation's folder lie. */
export function databaseFolder(folder: string): string {
  return join(folder, 'lance');
}

/** The database of a generation's folder. */
export function connectTables(folder: string): Promise<Connection> {
  return connect(databaseFolder(folder));
}

/** A table of the folder, undefined where it was not made. */
export async function openTable(
  connection: Connection,
  name: keyof typeof tableNames,
): Promise<Table | undefined> {
  const { tables } = await connection.listTables();
  return tables.includes(tableNames[name]) ? connection.openTable(tableNames[name]) : undefined;
}

/** A text as an SQL literal. Quotes are doubled; nothing else has a meaning inside. */
export function sqlText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** What tables and record batches have in common: columns by name. */
export interface Columns {
  getChild(name: string): Iterable<unknown> | null;
}

/** A numeric column as plain numbers. */
export function numbers(table: Columns, column: string): number[] {
  return Array.from(table.getChild(column) ?? [], Number);
}

/** A text column; a null is undefined. */
export function texts(table: Columns, column: string): (string | undefined)[] {
  const values = table.getChild(column) as Iterable<string | null> | null;
  return Array.from(values ?? [], (value) => value ?? undefined);
}

/** The opened tables of a finished index; `vectors` and `aliases` where it has them. */
export interface IndexTables {
  readonly passages: Table;
  readonly aliases?: Table;
  readonly vectors?: Table;
  close(): void;
}

/**
 * Opens the tables that lie at `data` of the index at `folder` and holds their rows and indexes
 * against the manifest. Throws SSP_INDEX_DAMAGED naming what is missing: a row that no index covers
 * would never be found.
 */
export async function openIndexTables(
  folder: string,
  data: string,
  manifest: IndexManifest,
): Promise<IndexTables> {
  const { passages: rows, bm25, dense } = manifest;
  try {
    const connection = await connectTables(data);
    const passages = await openWhole(connection, 'passages', rows, [
      'id',
      ...(bm25 === undefined ? [] : [contentsColumn]),
    ]);
    const aliases =
      manifest.aliases === 0
        ? undefined
        : await openWhole(connection, 'aliases', manifest.aliases, []);
    const indexed = dense === undefined || dense.vectorIndex.type === 'exact' ? [] : ['vector'];
    const vectors =
      dense === undefined ? undefined : await openWhole(connection, 'vectors', rows, indexed);
    return {
      passages,
      ...(aliases === undefined ? {} : { aliases }),
      ...(vectors === undefined ? {} : { vectors }),
      close() {
        for (const table of [passages, aliases, vectors]) table?.close();
      },
    };
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

async function openWhole(
  connection: Connection,
  name: keyof typeof tableNames,
  expectedRows: number,
  indexedColumns: readonly string[],
): Promise<Table> {
  const table = await connection.openTable(tableNames[name]);
  const rows = await table.countRows();
  if (rows !== expectedRows) {
    throw new Error(`the table ${name} has ${rows} rows instead of ${expectedRows}`);
  }
  const indices = await table.listIndices();
  for (const column of rows === 0 ? [] : indexedColumns) {
    const index = indices.find(({ columns }) => columns.includes(column));
    if (index?.numUnindexedRows !== 0) {
      throw new Error(`the index of ${name}.${column} does not cover every row`);
    }
  }
  return table;
}
