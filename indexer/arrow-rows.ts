import {
  Bool,
  Field,
  FixedSizeList,
  Float32,
  makeData,
  Table,
  Uint32,
  Vector,
  vectorFromArray,
} from 'apache-arrow';

/** Vectors as rows of the vector table, numbered from `firstRow`. */
export function vectorRows(
  vectors_N_D: Float32Array,
  truncated_N: readonly boolean[],
  firstRow: number,
): Table {
  const count = truncated_N.length;
  const child = makeData({ type: new Float32(), length: vectors_N_D.length, data: vectors_N_D });
  const type = new FixedSizeList(
    vectors_N_D.length / count,
    new Field('item', new Float32(), false),
  );
  return new Table({
    row: rowNumbers(firstRow, count),
    vector: new Vector([makeData({ type, length: count, nullCount: 0, child })]),
    truncated: vectorFromArray(truncated_N, new Bool()),
  });
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
