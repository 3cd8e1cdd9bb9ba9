import { isUtf8 } from 'node:buffer';

import { CsvError, parse } from 'csv-parse/sync';

import type { NumberedRow } from './json-rows.ts';
import type { Row } from './row-fields.ts';
import { hasTextKey } from './row-fields.ts';
import type { WholeRows } from './whole-rows.ts';
import { RowError } from './whole-rows.ts';

/** How a table of separated values is written. */
export interface TableForm {
  readonly delimiter: string;
  /** The names in its first line. */
  readonly columns: readonly string[];
}

const delimiters = ['\t', ',', ';'];

/**
 * The form of a table by its first line: names with a delimiter between them, one of which is that of
 * a text (`text`, `contents`, ...). Undefined where the first line is no such thing.
 */
export function tableForm(head: string): TableForm | undefined {
  const [first = ''] = head.replace(/^\u{FEFF}/u, '').split(/\r?\n/, 1);
  for (const delimiter of delimiters) {
    const columns = first.split(delimiter).map((name) => name.replace(/^"(.*)"$/, '$1'));
    // Prose has blanks behind its commas.
    const areNames = columns.every((name) => name === name.trim() && /^[^"]+$/.test(name));
    if (columns.length > 1 && areNames && hasTextKey(columns)) return { delimiter, columns };
  }
  return undefined;
}

interface ParsedRow {
  readonly record: Row;
  /** Lines up to the end of the row. */
  readonly info: { readonly lines: number };
}

/**
 * The rows of a piece of a table, with the line on which each ends; a field may stand in double quotes, in
 * which a quote is written twice, and may then hold line ends. The first piece begins with the names.
 * Throws {@link RowError} where the number of fields is another than that of names, at a quote out of place
 * and at bytes that are no UTF-8.
 */
export function* tableRows(
  { bytes, firstLine }: WholeRows,
  { delimiter, columns }: TableForm,
): Generator<NumberedRow> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isUtf8(text)) throw new RowError(firstLine, 'in the MiB from it on there is no UTF-8 text');
  for (const { record, info } of parsed(text, firstLine, delimiter, columns)) {
    yield { number: firstLine + info.lines - 1, row: record };
  }
}

function parsed(
  text: Buffer,
  firstLine: number,
  delimiter: string,
  columns: readonly string[],
): ParsedRow[] {
  const form = { delimiter, columns: [...columns], record_delimiter: ['\n', '\r\n'] };
  const from = firstLine === 1 ? 2 : 1;
  try {
    const options = { ...form, from, bom: true, info: true, skip_empty_lines: true } as const;
    return parse(text, options) as unknown as ParsedRow[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new RowError(firstLine + lineOf(error) - 1, problemOf(error, columns));
  }
}

function lineOf(error: CsvError): number {
  return (error as { readonly lines?: number }).lines ?? 1;
}

function problemOf({ code, message }: CsvError, columns: readonly string[]): string {
  const problems: Partial<Record<typeof code, string>> = {
    CSV_RECORD_INCONSISTENT_COLUMNS: `the first line names ${columns.length} columns, and it has another number of fields`,
    INVALID_OPENING_QUOTE: 'a double quote stands within a field that does not begin with one',
    CSV_INVALID_CLOSING_QUOTE: 'something follows the double quote that ends a field',
    CSV_QUOTE_NOT_CLOSED: 'a field that begins with a double quote does not end',
  };
  return problems[code] ?? message;
}
