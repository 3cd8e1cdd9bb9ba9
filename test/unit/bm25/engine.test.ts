import { join } from 'node:path';

import fc from 'fast-check';
import { test } from 'tap';

import { createEngine } from '../../../src/bm25/engine.ts';
import { readDescription } from '../../../src/bm25/format.ts';
import { inverseDocumentFrequency, lengthNorm, termWeight } from '../../../src/bm25/formula.ts';
import { scratchBytes } from '../../../src/bm25/kernel/kernel.ts';
import type { LoadedShard } from '../../../src/bm25/load.ts';
import { loadEngine } from '../../../src/bm25/load.ts';
import {
  buildEngine,
  openEngine,
  plainSearch,
  usualParameters,
} from '../../material/bm25/small-engine.ts';
import { randomNumbers } from '../../material/retrieval/small-corpus.ts';

/** Words of which the first are in most texts and the last in few. */
const words = Array.from({ length: 40 }, (_value, i) => `w${i}`);
const word = fc.nat({ max: 39 * 39 }).map((n) => words[39 - Math.floor(Math.sqrt(n))] ?? '');
const text = fc.array(word, { maxLength: 30 }).map((list) => list.join(' '));
const corpus = fc.record({
  texts: fc.array(text, { minLength: 1, maxLength: 120 }),
  copies: fc.integer({ min: 1, max: 4 }),
  k1: fc.constantFrom(0, 0.4, 0.9, 1.2, 3, 100),
  b: fc.constantFrom(0, 0.4, 0.75, 1),
});
const queries = fc.array(
  fc.record({
    query: fc.array(fc.oneof(word, fc.constant('nowhere')), { maxLength: 12 }),
    depth: fc.integer({ min: 1, max: 30 }),
  }),
  { minLength: 1, maxLength: 8 },
);

test('order, ties and every bit of the scores are those of plain BM25', (t) => {
  const folder = t.testdir();
  const property = fc.property(corpus, queries, ({ texts, copies, k1, b }, asked) => {
    const all = Array.from({ length: copies }, () => texts).flat();
    const ranks = shuffled(all.length);
    buildEngine(folder, all, { k1, b, ranks });
    const engine = openEngine(folder);
    const plain = plainSearch(all, { k1, b }, (row) => ranks[row] ?? 0);
    for (const { query, depth } of asked) {
      t.strictSame(engine.search(query, depth), plain(query, depth));
    }
  });
  fc.assert(property, { numRuns: 150 });
  t.end();
});

test('windows and shards meet at 65,536 rows', (t) => {
  const random = randomNumbers(3);
  const texts = Array.from({ length: 2 * 65_536 + 70 }, (_value, row) => {
    const near = row % 65_536 < 3 || row % 65_536 > 65_533 ? 'border' : '';
    const some = Array.from({ length: 3 }, () => words[Math.floor(random() ** 3 * 40)] ?? '');
    return [...some, near, row === 131_100 ? 'late' : ''].join(' ').trim();
  });
  const plain = plainSearch(texts, usualParameters);
  const asked = [['border'], ['w0', 'border'], ['late', 'w1'], ['w0', 'w1', 'w2'], ['w39', 'w0']];
  const cuts = [
    { shards: {}, windows: 128 },
    { shards: { shardWindows: 1 }, windows: 1 },
    { shards: { shardWindows: 2 }, windows: 2 },
    { shards: { shardBytes: 3e6 }, windows: 2 },
  ];
  for (const [i, { shards, windows }] of cuts.entries()) {
    const folder = join(t.testdirName, String(i));
    buildEngine(folder, texts, { ...usualParameters, ...shards });
    t.equal(readDescription(folder).shardWindows, windows);
    const engine = openEngine(folder);
    for (const query of asked) {
      for (const depth of [1, 10, 1000]) {
        t.strictSame(engine.search(query, depth), plain(query, depth), `${query.join()} ${depth}`);
      }
    }
    t.equal(engine.explain(['late'], 131_100).terms[0]?.frequency, 1);
  }
  t.end();
});

test('a shard that lies beyond two gibibytes is searched as any other', (t) => {
  const folder = t.testdir();
  const texts = Array.from({ length: 500 }, (_value, row) => `all ${words[row % 40] ?? ''}`);
  buildEngine(folder, texts);
  const loaded = loadEngine(folder, { threads: 1, scratchBytes: scratchBytes() });
  const engine = createEngine({ ...loaded, shards: loaded.shards.map(lifted) }, 0);
  const plain = plainSearch(texts, usualParameters);
  for (const query of [['all', 'w7'], ['w1', 'w2', 'w3'], ['nowhere']]) {
    t.strictSame(engine.search(query, 10), plain(query, 10));
  }
  t.equal(engine.explain(['w7'], 7).terms[0]?.frequency, 1);
  t.end();
});

test('a frequent term whose passages lie side by side is looked up in full buckets', (t) => {
  const folder = t.testdir();
  const texts = Array.from({ length: 65_536 }, (_value, row) => {
    const isNear = row >= 20_000 && row < 23_000 && row % 5 !== 0;
    if (row === 22_989) return 'near near near seldom'; // best of all, when five good ones are found
    return `${isNear ? 'near' : 'far'} ${row % 97 === 0 ? 'seldom' : ''}`.trim();
  });
  buildEngine(folder, texts);
  const engine = openEngine(folder);
  const plain = plainSearch(texts, usualParameters);
  for (const depth of [1, 5, 30, 700]) {
    t.strictSame(engine.search(['near', 'seldom'], depth), plain(['near', 'seldom'], depth));
  }
  t.end();
});

test('many terms, many hits and frequent terms', (t) => {
  const folder = t.testdir();
  const random = randomNumbers(5);
  const many = Array.from({ length: 300 }, (_value, i) => `t${i}`);
  const texts = [
    ...Array.from({ length: 1500 }, () =>
      Array.from({ length: 20 }, () => many[Math.floor(random() * 300)] ?? '').join(' '),
    ),
    ...[254, 255, 256, 300, 70_000].map((times) => 'spam '.repeat(times).trim()),
    '',
  ];
  buildEngine(folder, texts);
  const engine = openEngine(folder);
  const plain = plainSearch(texts, usualParameters);
  for (const query of [many, many.slice(0, 100), many.slice(0, 101), ['spam'], ['t1', 'spam']]) {
    for (const depth of [1, 10, 1024, 1025, 5000]) {
      t.strictSame(engine.search(query, depth), plain(query, depth));
    }
  }
  const repeated = Array.from({ length: 9000 }, () => 't7');
  t.strictSame(engine.search(repeated, 10), plain(repeated, 10));
  t.equal(engine.explain(['spam'], 1504).terms[0]?.frequency, 70_000);
  t.end();
});

test('nothing to find', (t) => {
  const folder = t.testdir();
  for (const texts of [[], [''], ['a b', 'c']]) {
    buildEngine(folder, texts);
    const engine = openEngine(folder);
    t.strictSame(engine.search(['x'], 10), []);
    t.strictSame(engine.search([], 10), []);
    t.throws(() => engine.explain(['a'], texts.length), RangeError);
  }
  t.end();
});

test('what explain gives adds up to the score, to the last bit', (t) => {
  const folder = t.testdir();
  const texts = ['a b b c', 'b c d', 'a a a a d e', 'e f'];
  buildEngine(folder, texts);
  const engine = openEngine(folder);
  const query = ['b', 'a', 'b', 'z', 'd'];
  for (const { row, score } of engine.search(query, 10)) {
    const { passages, length, averageLength, k1, b, terms } = engine.explain(query, row);
    let sum = 0;
    for (const { frequency, occurrencesInQuery, passagesWithTerm } of terms) {
      const idf = inverseDocumentFrequency(passages, passagesWithTerm);
      const weight = termWeight(frequency, lengthNorm(length, averageLength, b), k1);
      sum += idf * occurrencesInQuery * weight;
    }
    t.equal(sum, score);
  }
  t.end();
});

/** The shard at higher addresses; of the room below nothing is touched, so that it takes no memory. */
function lifted({ memory: low, addresses, scratchAddress, ...shard }: LoadedShard): LoadedShard {
  const by = 2 ** 31;
  const pages = (by + low.buffer.byteLength) / 65_536;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: 65_536, shared: true });
  new Uint8Array(memory.buffer, by).set(new Uint8Array(low.buffer));
  const higher = Object.entries(addresses).map(([name, address]) => [name, address + by]);
  return {
    ...shard,
    memory,
    addresses: Object.fromEntries(higher) as LoadedShard['addresses'],
    scratchAddress: scratchAddress + by,
  };
}

/** The numbers below `count` in some order. */
function shuffled(count: number): Uint32Array {
  const random = randomNumbers(count);
  const keys = Array.from({ length: count }, () => random());
  const order = Uint32Array.from(keys.keys()).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
  const ranks = new Uint32Array(count);
  for (const [rank, row] of order.entries()) ranks[row] = rank;
  return ranks;
}
