import { test } from 'tap';

import { SeedQueue } from '../../../src/training/seed-queue.ts';

const seeds = Array.from({ length: 5 }, (_, i) => ({ answers: [String(i)], hops: 1 }));
const names = (some: readonly { readonly answers: readonly string[] }[]) =>
  some.map(({ answers }) => answers[0]).join(',');

test('every seed comes once before one comes twice, in an order of its own each time', (t) => {
  const queue = new SeedQueue(seeds, 3);
  const [first, second] = [names(queue.take(5)), names(queue.take(5))];
  for (const epoch of [first, second]) t.equal(epoch.split(',').toSorted().join(''), '01234');
  t.not(first, second);
  t.equal(queue.drawn, 10);
  t.end();
});

test('how many were drawn is the whole state', (t) => {
  const queue = new SeedQueue(seeds, 3);
  queue.take(7);
  t.equal(names(new SeedQueue(seeds, 3, 7).take(6)), names(queue.take(6)));
  t.not(names(new SeedQueue(seeds, 4).take(5)), names(new SeedQueue(seeds, 3).take(5)));
  t.end();
});

test('no seeds are an error', (t) => {
  t.throws(() => new SeedQueue([], 1), RangeError);
  t.end();
});
