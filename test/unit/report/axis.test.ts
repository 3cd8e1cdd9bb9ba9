import { test } from 'tap';

import { linearScale, roundTicks, shortNumber } from '../../../src/report/axis.ts';

test('ticks are round and reach around the values', (t) => {
  t.strictSame(roundTicks(0, 1, 4), [0, 0.5, 1]);
  t.strictSame(roundTicks(0, 0.95, 4), [0, 0.5, 1]);
  t.strictSame(roundTicks(-0.04, 0.31, 4), [-0.1, 0, 0.1, 0.2, 0.3, 0.4]);
  t.strictSame(roundTicks(0, 3e-5, 3), [0, 1e-5, 2e-5, 3e-5]);
  t.strictSame(roundTicks(1, 3, 6, 1), [1, 2, 3], 'no half steps');
  t.strictSame(roundTicks(0, 0, 4), [0, 0.5], 'an empty range has two ticks');
  t.end();
});

test('a scale maps its ends, and one value to the middle', (t) => {
  const { place } = linearScale([0, 4], [100, 20]);
  t.strictSame([0, 1, 4].map(place), [100, 80, 20]);
  t.equal(linearScale([3, 3], [0, 10]).place(3), 5);
  t.end();
});

test('numbers have four digits', (t) => {
  const shown = [0, 0.123456, 1234.56, 0.00001234, -2, 123_456].map(shortNumber);
  t.strictSame(shown, ['0', '0.1235', '1,235', '1.2e-5', '-2', '123.5K']);
  t.end();
});
