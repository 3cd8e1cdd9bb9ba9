import fc from 'fast-check';
import { test } from 'tap';

import { createRandom, xoshiro128 } from '../../../src/random/random.ts';
import type { Random } from '../../../src/types/random.ts';
import { randomStateSchema } from '../../../src/types/random.ts';

test('the generator gives the reference implementation’s numbers', (t) => {
  // From the reference C code, by way of the test data of edorfaus/xoshiro-6502.
  const random = xoshiro128([0x964d4a0c, 0xd40ab895, 0xad7fdecb, 0x3006f0f0]);
  const drawn = Array.from({ length: 4 }, () => random.next());
  t.strictSame(drawn, [0xf1391922, 0x6fe53806, 0xa5be2840, 0xf510ee70]);
  t.end();
});

test('streams are told apart by every part of their name', (t) => {
  const first = (...path: (string | number)[]): number => createRandom(1, ...path).next();
  t.equal(first('article', 7), first('article', 7));
  t.not(first('article', 7), first('article', 8));
  t.not(first('article', 7), first('names', 7));
  t.not(createRandom(1).next(), createRandom(2).next());
  t.end();
});

test('numbers below a limit stay below it and reach every value', (t) => {
  const random = createRandom(3);
  const seen = new Set(Array.from({ length: 500 }, () => random.below(7)));
  t.strictSame([...seen].sort(), [0, 1, 2, 3, 4, 5, 6]);
  t.end();
});

test('shuffling keeps every item once', (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.nat(), (items, seed) => {
      const shuffled = createRandom(seed).shuffled(items);
      return [...shuffled].sort().join() === [...items].sort().join();
    }),
  );
  t.end();
});

test('a chance comes true as often as it says', (t) => {
  const random = createRandom(9);
  const times = (probability: number): number =>
    Array.from({ length: 2000 }, () => random.chance(probability)).filter(Boolean).length;
  t.equal(times(0), 0);
  t.equal(times(1), 2000);
  // 600 expected, with a standard deviation of 20.
  t.ok(Math.abs(times(0.3) - 600) < 100);
  t.end();
});

test('one of several is picked, each in its turn', (t) => {
  const random = createRandom(2);
  const seen = new Set(Array.from({ length: 50 }, () => random.pick(['a', 'b', 'c'])));
  t.strictSame([...seen].sort(), ['a', 'b', 'c']);
  t.end();
});

test('a sample is the start of a shuffle; of fewer items it takes all', (t) => {
  const items = ['a', 'b', 'c', 'd'];
  const shuffled = createRandom(8).shuffled(items);
  t.strictSame(createRandom(8).sample(items, 2), shuffled.slice(0, 2));
  t.strictSame(createRandom(8).sample(items, 9), shuffled);
  t.strictSame(createRandom(8).sample(items, 0), []);
  t.end();
});

test('picking from nothing is an error', (t) => {
  t.throws(() => createRandom(1).pick([]), RangeError);
  t.end();
});

test('a generator goes on from its state, also after JSON', (t) => {
  const random = createRandom(5, 'state');
  random.shuffled([1, 2, 3]);
  const stored = randomStateSchema.parse(JSON.parse(JSON.stringify(random.state())));
  const again = xoshiro128(stored);
  const draw = (from: Random): number[] => Array.from({ length: 20 }, () => from.next());
  t.strictSame(draw(again), draw(random));
  t.notOk(randomStateSchema.safeParse([0, 0, 0, 0]).success);
  t.notOk(randomStateSchema.safeParse([1, 2, 3, -4]).success);
  t.end();
});
