import { test } from 'tap';

import { vectorRows } from '../../../indexer/arrow-rows.ts';

function stored(values: readonly number[]): number[] {
  const rows = vectorRows(Float32Array.from(values), [false, true], 7, 'fp16');
  return [...(rows.getChild('vector')?.data[0]?.children[0]?.values as Uint16Array)];
}

test('numbers are rounded to the nearest of fp16, halves to even', (t) => {
  // IEEE 754 binary16 by hand: 1 is 0x3c00, its last bit 2^-10.
  t.same(stored([1, -2, 1 + 2 ** -11, 1 + 3 * 2 ** -11]), [0x3c00, 0xc000, 0x3c00, 0x3c02]);
  t.same(stored([0, 0, 65_504, 2 ** -24]), [0, 0, 0x7bff, 1], 'a zero vector stays one');
  t.end();
});

test('a vector that fp16 would make another one is refused with its row', (t) => {
  for (const wrong of [70_000, -1e9, NaN, Infinity, 1e-6]) {
    t.throws(() => stored([1, 0, 0, wrong]), {
      code: 'SSP_VECTORS_RANGE',
      message: /row 8/,
      remedy: /--vector-dtype fp32/,
    });
  }
  t.end();
});
