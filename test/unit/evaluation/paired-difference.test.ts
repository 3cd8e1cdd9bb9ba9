import { test } from 'tap';

import { pairedInterval } from '../../../src/evaluation/intervals.ts';
import { pairedDifference } from '../../../src/evaluation/paired-difference.ts';

/** `count` questions of which every `each`th is right. */
const outcomes = (count: number, each: number): string =>
  Array.from({ length: count }, (_, i) => (i % each === 0 ? '1' : '0')).join('');

test('one run: the interval is that of the normal distribution for paired differences', (t) => {
  // 400 pairs: 80 at +1, 20 at -1, the rest equal; mean .15, variance .25 - .15 ** 2.
  const differences = [...Array<number>(80).fill(1), ...Array<number>(20).fill(-1)];
  const all = [...differences, ...Array<number>(300).fill(0)];
  const found = pairedInterval([all], 1);
  const half = 1.96 * Math.sqrt((0.25 - 0.15 ** 2) / 400);
  t.equal(found?.mean, 0.15);
  t.ok(Math.abs((found?.low ?? 0) - (0.15 - half)) < half / 8, `low ${found?.low ?? ''}`);
  t.ok(Math.abs((found?.high ?? 0) - (0.15 + half)) < half / 8, `high ${found?.high ?? ''}`);
  t.same(pairedInterval([all], 1), found, 'the same seed gives the same');
  t.end();
});

test('runs that differ widen it: two that agree with themselves and not with each other', (t) => {
  const ones = Array<number>(50).fill(1);
  const found = pairedInterval([ones, ones.map(() => 0)], 1);
  t.same(found, { mean: 0.5, low: 0, high: 1 }, 'both draws of the worse, or of the better run');
  const zero = ones.map(() => 0);
  t.same(pairedInterval([zero, zero], 1), { mean: 0, low: 0, high: 0 });
  t.equal(pairedInterval([], 1), undefined);
  t.equal(pairedInterval([[null]], 1), undefined);
  t.end();
});

test('questions are paired by hops and place; failures of either side do not count', (t) => {
  const own = { '1': '11-1', '2': '1010', '3': '11' };
  const other = { '1': '0111', '2': '0010', '3': '0-' };
  t.match(pairedDifference([{ own, other }]), { mean: 3 / 8 - 0 / 8, questions: 10, runs: 1 });
  const deep = pairedDifference([{ own, other }], { leastHops: 2 });
  t.match(deep, { mean: 2 / 5, questions: 6, runs: 1 });
  t.equal(pairedDifference([{ own, other }], { leastHops: 4 }), undefined);
  t.equal(pairedDifference([]), undefined);
  t.end();
});

test('sets without hops count whole; other questions are not compared', (t) => {
  const pair = { own: { '': outcomes(30, 2) }, other: { '': outcomes(30, 3) } };
  t.match(pairedDifference([pair]), { mean: 5 / 30, questions: 30 });
  t.equal(pairedDifference([pair], { leastHops: 2 }), undefined);
  const longer = { own: { '': '111' }, other: { '': '1110' } };
  t.equal(pairedDifference([longer]), undefined);
  t.match(pairedDifference([longer, pair]), { questions: 30, runs: 1 });
  t.equal(pairedDifference([{ own: { '1': '1' }, other: {} }]), undefined);
  t.end();
});
