import { messageOf } from '../../src/errors/error.ts';
import { decodeLine, LineError } from '../lines.ts';
import type { Row } from './row-fields.ts';
import type { WholeRows } from './whole-rows.ts';
import { RowError } from './whole-rows.ts';

/** A row and the number of its line or row, from 1. */
export interface NumberedRow {
  readonly number: number;
  readonly row: Row;
}

const lineEnd = 0x0a;

/**
 * The rows of JSON lines; empty lines are none. Throws {@link RowError} at a line that is no UTF-8 or
 * no JSON object.
 */
export function* jsonRows({ bytes, firstLine }: WholeRows): Generator<NumberedRow> {
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let number = firstLine;
  for (let start = 0; start < lines.length; number += 1) {
    const found = lines.indexOf(lineEnd, start);
    const end = found < 0 ? lines.length : found;
    const text = textOfLine(lines.subarray(start, end), number);
    start = end + 1;
    if (text.trim() !== '') yield { number, row: parseObject(text, number) };
  }
}

function textOfLine(bytes: Buffer, number: number): string {
  try {
    return decodeLine(bytes, number);
  } catch (error) {
    throw error instanceof LineError ? new RowError(number, error.message) : error;
  }
}

function parseObject(text: string, number: number): Row {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RowError(number, `it is not JSON: ${messageOf(error)}`);
  }
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Row;
  throw new RowError(number, 'it is not a JSON object');
}
