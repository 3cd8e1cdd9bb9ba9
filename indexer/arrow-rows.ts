import {
  Bool,
  Field,
  FixedSizeList,
  Float32,
  makeData,
  Table,
  Uint32,
  Utf8,
  Vector,
  vectorFromArray,
} from 'apache-arrow';

import { contentsColumn, contentsOf } from '../src/retrieval/lance-tables.ts';
import type { Alias, Passage } from '../src/types/passage.ts';

/** Passages as rows of the passage table, numbered from `firstRow`. */
export function passageRows(
  passages: readonly Passage[],
  firstRow: number,
  titleWeight: number,
): Table {
  return new Table({
    row: rowNumbers(firstRow, passages.length),
    id: textColumn(passages, ({ id }) => id),
    title: textColumn(passages, ({ title }) => title),
    [contentsColumn]: textColumn(passages, (passage) => contentsOf(passage, titleWeight)),
    textStart: numberColumn(passages.map(({ title }) => (title.length + 1) * titleWeight)),
    section: textColumn(passages, ({ section }) => section),
    url: textColumn(passages, ({ url }) => url),
    flag: textColumn(passages, ({ flag }) => flag),
  });
}

/** Redirects as rows of the alias table. */
export function aliasRows(aliases: readonly Alias[]): Table {
  return new Table({
    alias: textColumn(aliases, ({ alias }) => alias),
    title: textColumn(aliases, ({ title }) => title),
  });
}

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

function textColumn<Item>(
  items: readonly Item[],
  textOf: (item: Item) => string | undefined,
): Vector<Utf8> {
  return vectorFromArray(
    items.map((item) => textOf(item) ?? null),
    new Utf8(),
  );
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
