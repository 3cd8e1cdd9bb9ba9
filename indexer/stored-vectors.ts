import type { Table } from '@lancedb/lancedb';
import type { RecordBatch } from 'apache-arrow';

import { storedVectors } from './content-hash.ts';

/**
 * The vectors of `count` rows from `firstRow` on, row after row, and which of their passages were cut.
 * Throws where the table has not just these rows in their order.
 */
export async function readVectors(
  table: Table,
  firstRow: number,
  count: number,
  dimension: number,
): Promise<{ readonly vectors_N_D: Float32Array; readonly truncated_N: boolean[] }> {
  const vectors_N_D = new Float32Array(count * dimension);
  const truncated_N: boolean[] = [];
  const rows = table.query().select(['row', 'vector', 'truncated']).offset(firstRow).limit(count);
  for await (const batch of rows) {
    requireOrder(batch, firstRow + truncated_N.length);
    vectors_N_D.set(floatsOf(batch, dimension), truncated_N.length * dimension);
    truncated_N.push(...Array.from(batch.getChild('truncated') as Iterable<boolean>));
  }
  if (truncated_N.length === count) return { vectors_N_D, truncated_N };
  throw new Error(`${truncated_N.length} vectors instead of ${count} follow row ${firstRow}`);
}

function requireOrder(batch: RecordBatch, firstRow: number): void {
  const [row] = batch.getChild('row') as Iterable<number>;
  if (row !== firstRow) throw new Error(`row ${row} stands where row ${firstRow} belongs`);
}

function floatsOf(batch: RecordBatch, dimension: number): Float32Array | Float16Array {
  const values = storedVectors(batch, dimension);
  return values instanceof Float32Array
    ? values
    : new Float16Array(values.buffer, values.byteOffset, values.length);
}
