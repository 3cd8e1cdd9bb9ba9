import { messageOf } from '../../src/errors/error.ts';
import type { DocumentForm } from './document.ts';
import { documentArticle } from './document.ts';
import type { ImportOptions } from './import-options.ts';
import type { NumberedRow } from './json-rows.ts';
import { jsonRows } from './json-rows.ts';
import type { ImportOutcome, RowPassages } from './row-passages.ts';
import { divide, passagesOfRow } from './row-passages.ts';
import type { TableForm } from './table.ts';
import { tableRows } from './table.ts';
import type { WholeRows } from './whole-rows.ts';
import { RowError } from './whole-rows.ts';

/** What files hold, in the manifest's words. */
export type ImportShape = 'json-lines' | 'table' | 'parquet' | 'documents';

/** Rows of one file on their way to a worker; what it makes of them does not depend on how they are cut. */
export interface RowBatch {
  /** The file as errors name it. */
  readonly path: string;
  /** Its name, by which rows without an id are named. */
  readonly name: string;
  readonly content:
    | { readonly shape: 'json-lines'; readonly rows: WholeRows }
    | { readonly shape: 'table'; readonly rows: WholeRows; readonly form: TableForm }
    | { readonly shape: 'parquet'; readonly rows: readonly NumberedRow[] }
    | { readonly shape: 'documents'; readonly bytes: Uint8Array; readonly form: DocumentForm }
    /** A file of a folder or archive that is not read, and why. */
    | { readonly shape: 'none'; readonly reason: string };
}

/** A row that was read. */
export interface ReadRow {
  /** `Line 3`: where it stands in its file. */
  readonly place: string;
  readonly outcome: ImportOutcome;
  /** Its passages as they stand in a shard, and their ids. */
  readonly lines: readonly string[];
  readonly ids: readonly string[];
  /** Why nothing was read. */
  readonly reason?: string;
}

/** What became of a batch. */
export interface BatchResult {
  readonly rows: readonly ReadRow[];
  /** Keys that were not used, each once. */
  readonly ignoredKeys: readonly string[];
  /** The first row that cannot be imported; no later one was read. */
  readonly problem?: { readonly place: string; readonly problem: string };
}

/** Reads the rows of a batch. What is wrong with a row is told in the result. */
export function readBatch({ name, content }: RowBatch, options: ImportOptions): BatchResult {
  switch (content.shape) {
    case 'none':
      return leftOut(content.reason);
    case 'documents':
      return readDocument(content, name, options);
    case 'json-lines':
      return readRows(jsonRows(content.rows), 'Line', name, options);
    case 'table':
      return readRows(tableRows(content.rows, content.form), 'Line', name, options);
    case 'parquet':
      return readRows(content.rows, 'Row', name, options);
  }
}

function readRows(
  source: Iterable<NumberedRow>,
  unit: string,
  name: string,
  options: ImportOptions,
): BatchResult {
  const rows: ReadRow[] = [];
  const ignored = new Set<string>();
  let at = 0;
  try {
    for (const { number, row } of source) {
      at = number;
      const { ignoredKeys, ...read } = passagesOfRow(row, `${name}:${number}`, options);
      rows.push(readRow(`${unit} ${number}`, read));
      for (const key of ignoredKeys) ignored.add(key);
    }
  } catch (error) {
    const number = error instanceof RowError ? error.line : at;
    const problem = { place: `${unit} ${number}`, problem: messageOf(error) };
    return { rows, ignoredKeys: [...ignored], problem };
  }
  return { rows, ignoredKeys: [...ignored] };
}

function readRow(place: string, read: Omit<RowPassages, 'ignoredKeys'>): ReadRow {
  const { outcome, passages } = read;
  const lines = passages.map((passage) => `${JSON.stringify(passage)}\n`);
  return { place, outcome, lines, ids: passages.map(({ id }) => id) };
}

function readDocument(
  { bytes, form }: { readonly bytes: Uint8Array; readonly form: DocumentForm },
  name: string,
  options: ImportOptions,
): BatchResult {
  try {
    const article = documentArticle(bytes, name, form);
    return { rows: [readRow('The text', divide(article, options))], ignoredKeys: [] };
  } catch (error) {
    return leftOut(messageOf(error));
  }
}

function leftOut(reason: string): BatchResult {
  const row = { place: 'The file', outcome: 'left-out-files', lines: [], ids: [], reason } as const;
  return { rows: [row], ignoredKeys: [] };
}
