import fc from 'fast-check';
import { test } from 'tap';

import { Reservoir } from '../../../src/seeds/reservoir.ts';

interface Word {
  readonly key: string;
  times: number;
}

function sampleOf(words: readonly string[], seed: number, size: number): Word[] {
  const reservoir = new Reservoir<Word>(seed, size);
  for (const key of words) {
    const item = reservoir.offer(key, () => ({ key, times: 0 }));
    if (item !== undefined) item.times += 1;
  }
  return reservoir.items();
}

test('the sample depends on the keys alone, and counts each from its first time', (t) => {
  const words = fc.array(fc.stringMatching(/^[a-e]{1,3}$/), { maxLength: 300 });
  const property = fc.property(
    words,
    fc.nat(99),
    fc.integer({ min: 1, max: 20 }),
    (all, seed, size) => {
      const sample = sampleOf(all, seed, size);
      const distinct = [...new Set(all)];
      const naive = sampleOf(distinct.sort(), seed, distinct.length).slice(0, size);
      const isSame = sample.every(({ key }, at) => key === naive[at]?.key);
      const isCounted = sample.every(
        ({ key, times }) => times === all.filter((word) => word === key).length,
      );
      return sample.length === Math.min(size, distinct.length) && isSame && isCounted;
    },
  );
  fc.assert(property, { numRuns: 500 });
  t.end();
});

test('every key has the same chance', (t) => {
  const keys = Array.from({ length: 100 }, (_, at) => `key ${at}`);
  const times = new Map<string, number>();
  for (let seed = 0; seed < 2000; seed += 1) {
    for (const { key } of sampleOf(keys, seed, 10)) times.set(key, (times.get(key) ?? 0) + 1);
  }
  // 200 of 2,000 draws each; the standard deviation is 13.4.
  for (const key of keys) t.ok(Math.abs((times.get(key) ?? 0) - 200) < 5 * 13.4, key);
  t.end();
});
