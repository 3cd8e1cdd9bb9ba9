import { test } from 'tap';

import { ShuffledQueue } from '../../../src/training/shuffled-queue.ts';

const seeds = Array.from({ length: 5 }, (_, i) => ({ answers: [String(i)], hops: 1 }));
const names = (some: readonly { readonly answers: readonly string[] }[]) =>
  some.map(({ answers }) => answers[0]).join(',');

test('every item comes once before one comes twice, in an order of its own each time', (t) => {
  const queue = new ShuffledQueue(seeds, 3, 'seeds');
  const [first, second] = [names(queue.take(5)), names(queue.take(5))];
  for (const epoch of [first, second]) t.equal(epoch.split(',').toSorted().join(''), '01234');
  t.not(first, second);
  t.equal(queue.drawn, 10);
  t.end();
});

test('how many were drawn is the whole state', (t) => {
  const queue = new ShuffledQueue(seeds, 3, 'seeds');
  queue.take(7);
  t.equal(names(new ShuffledQueue(seeds, 3, 'seeds', 7).take(6)), names(queue.take(6)));
  const other = new ShuffledQueue(seeds, 3, 'questions');
  t.not(names(other.take(5)), names(new ShuffledQueue(seeds, 3, 'seeds').take(5)));
  t.not(
    names(new ShuffledQueue(seeds, 4, 'seeds').take(5)),
    names(new ShuffledQueue(seeds, 3, 'seeds').take(5)),
  );
  t.end();
});

test('nothing to draw from is an error', (t) => {
  t.throws(() => new ShuffledQueue([], 1, 'seeds'), RangeError);
  t.end();
});
