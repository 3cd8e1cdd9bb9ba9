import { open } from 'node:fs/promises';

import type { FileMetaData } from 'hyparquet';
import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

import { isSspError, messageOf, SspError } from '../../src/errors/error.ts';
import type { NumberedRow } from './json-rows.ts';
import type { Row } from './row-fields.ts';
import { hasTextKey, usedKeys } from './row-fields.ts';

/** The first and last bytes of a Parquet file. */
export const parquetMagic = 'PAR1';
/** Rows that are read at once, where a row group has more. */
const sliceRows = 20_000;

/**
 * The rows of a Parquet file in slices of at most 20,000, of the columns that an import uses; rows are
 * numbered from 1. Memory holds a slice and the pages that it lies in. Throws SSP_INPUT_FORMAT where no column
 * is that of a text, and SSP_INPUT_DAMAGED.
 */
export async function* parquetRows(path: string): AsyncGenerator<NumberedRow[]> {
  try {
    yield* slicesOf(path);
  } catch (error) {
    if (isSspError(error)) throw error;
    const details = { path, offset: 0, problem: messageOf(error) };
    throw new SspError('SSP_INPUT_DAMAGED', details, { cause: error });
  }
}

async function* slicesOf(path: string): AsyncGenerator<NumberedRow[]> {
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const slice = async (start: number, end = size): Promise<ArrayBuffer> => {
      const bytes = new Uint8Array(end - start);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
      if (bytesRead === bytes.length) return bytes.buffer;
      throw new Error(`it ends at byte ${start + bytesRead}, where more was promised`);
    };
    const file = { byteLength: size, slice };
    const metadata = await parquetMetadataAsync(file);
    const columns = columnsOf(metadata, path);
    for (const [rowStart, rowEnd] of slices(metadata)) {
      const range = { file, metadata, columns, rowStart, rowEnd };
      const rows: Row[] = await parquetReadObjects({ ...range, compressors, useOffsetIndex: true });
      if (rows.length !== rowEnd - rowStart) {
        throw new Error(`${rowEnd - rowStart} rows were promised from row ${rowStart + 1} on`);
      }
      yield rows.map((row, i) => ({ number: rowStart + i + 1, row }));
    }
  } finally {
    await handle.close();
  }
}

/** The columns to read; those that a row's fields are not taken from may be large (embeddings). */
function columnsOf({ schema }: FileMetaData, path: string): string[] {
  const children = schema[0]?.num_children ?? 0;
  const names: string[] = [];
  for (let at = 1; names.length < children && at < schema.length; at = after(schema, at)) {
    names.push(schema[at]?.name ?? '');
  }
  if (hasTextKey(names)) return usedKeys(names);
  const problem = `none of its columns is that of a text: ${names.join(', ')}`;
  throw new SspError('SSP_INPUT_FORMAT', { path, expected: 'passages or articles', problem });
}

/** The place behind an element of the schema and all that is in it. */
function after(schema: FileMetaData['schema'], at: number): number {
  let next = at + 1;
  for (let child = 0; child < (schema[at]?.num_children ?? 0); child += 1) {
    next = after(schema, next);
  }
  return next;
}

function* slices({ row_groups: groups }: FileMetaData): Generator<[number, number]> {
  let first = 0;
  for (const { num_rows: count } of groups) {
    const end = first + Number(count);
    for (; first < end; first += sliceRows) yield [first, Math.min(first + sliceRows, end)];
    first = end;
  }
}
