import type { Test } from 'tap';
import { test } from 'tap';

import { bootstrapInterval, wilsonInterval } from '../../../src/evaluation/intervals.ts';

function about(t: Test, found: number, wanted: number, tolerance: number, name: string): void {
  t.ok(Math.abs(found - wanted) <= tolerance, `${name}: ${found}, wanted ${wanted}`);
}

test("Wilson's interval is that of Newcombe 1998, table I", (t) => {
  const rows: readonly [number, number, number, number][] = [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ];
  for (const [successes, trials, low, high] of rows) {
    const interval = wilsonInterval(successes, trials);
    about(t, interval.low, low, 5e-5, `${successes} of ${trials}, low`);
    about(t, interval.high, high, 5e-5, `${successes} of ${trials}, high`);
  }
  t.ok(wilsonInterval(20, 20).high <= 1);
  t.end();
});

test('the bootstrap of ten values with a single one is that of the binomial distribution', (t) => {
  // Binomial(10, .1): P(0) = .349, P(<= 2) = .930, P(<= 3) = .987.
  const values = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
  const { low, high } = bootstrapInterval([values], 1);
  t.equal(low, 0);
  about(t, high, 0.3, 1e-9, 'high');
  t.end();
});

test('for many values it is the normal one, and groups weigh the same', (t) => {
  // Uniform on 0..1: variance 1/12.
  const values = Array.from({ length: 1200 }, (_, i) => (i + 0.5) / 1200);
  const half = 1.96 * Math.sqrt(1 / 12 / 1200);
  const one = bootstrapInterval([values], 3);
  about(t, one.low, 0.5 - half, half / 8, 'low');
  about(t, one.high, 0.5 + half, half / 8, 'high');
  // A second group without spread halves the width and moves the middle to (0.5 + 1) / 2.
  const two = bootstrapInterval([values, [1, 1, 1]], 3);
  about(t, two.low, 0.75 - half / 2, half / 12, 'low of two');
  about(t, two.high, 0.75 + half / 2, half / 12, 'high of two');
  t.same(bootstrapInterval([[0.25]], 3), { low: 0.25, high: 0.25 });
  t.end();
});

test('equal seeds give equal intervals', (t) => {
  const values = Array.from({ length: 50 }, (_, i) => Math.sin(i) ** 2);
  t.same(bootstrapInterval([values], 5), bootstrapInterval([values], 5));
  t.not(bootstrapInterval([values], 5).low, bootstrapInterval([values], 6).low);
  t.end();
});
