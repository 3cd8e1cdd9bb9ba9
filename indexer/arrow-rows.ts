import { Bool, makeData, Table, Uint32, Vector, vectorFromArray } from 'apache-arrow';

import { SspError } from '../src/errors/error.ts';
import { vectorType } from '../src/retrieval/lance-tables.ts';
import type { VectorDtype } from '../src/types/index-manifest.ts';

/**
 * Vectors as rows of the vector table, numbered from `firstRow`. Throws SSP_VECTORS_RANGE for a vector
 * that fp16 cannot hold.
 */
export function vectorRows(
  vectors_N_D: Float32Array,
  truncated_N: readonly boolean[],
  firstRow: number,
  dtype: VectorDtype,
): Table {
  const count = truncated_N.length;
  const dimension = vectors_N_D.length / count;
  if (dtype === 'fp16') requireRange(vectors_N_D, dimension, firstRow);
  const type = vectorType(dimension, dtype);
  const data = dtype === 'fp16' ? halves(vectors_N_D) : vectors_N_D;
  const child = makeData({ type: type.valueType, length: data.length, data });
  return new Table({
    row: rowNumbers(firstRow, count),
    vector: new Vector([makeData({ type, length: count, nullCount: 0, child })]),
    truncated: vectorFromArray(truncated_N, new Bool()),
  });
}

/** Rounded to fp16, as the bits that Arrow takes. */
function halves(values: Float32Array): Uint16Array {
  return new Uint16Array(new Float16Array(values).buffer);
}

/** The least number that fp16 holds to its full precision, and the greatest. */
const [leastNormal, greatest] = [2 ** -14, 65_504];

/** A vector whose largest number is outside of fp16's range would become another one. */
function requireRange(vectors_N_D: Float32Array, dimension: number, firstRow: number): void {
  for (let start = 0; start < vectors_N_D.length; start += dimension) {
    let largest = 0;
    for (let d = start; d < start + dimension; d += 1) {
      largest = Math.max(largest, Math.abs(vectors_N_D[d] ?? 0));
    }
    if (largest === 0 || (largest >= leastNormal && largest <= greatest)) continue;
    const row = firstRow + start / dimension;
    throw new SspError('SSP_VECTORS_RANGE', { row, value: largest.toPrecision(3) });
  }
}

function rowNumbers(firstRow: number, count: number): Vector<Uint32> {
  return numberColumn(Array.from({ length: count }, (_value, i) => firstRow + i));
}

function numberColumn(values: readonly number[]): Vector<Uint32> {
  const data = Uint32Array.from(values);
  return new Vector([makeData({ type: new Uint32(), length: data.length, nullCount: 0, data })]);
}

/** The items of a stream in arrays of `size`, the last one shorter. */
export async function* inBatches<Item>(
  items: AsyncIterable<Item>,
  size: number,
): AsyncGenerator<Item[]> {
  let batch: Item[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
