import { existsSync } from 'node:fs';

import { test } from 'tap';

import {
  drawNames,
  firstWords,
  lastWords,
  maxNames,
  nameText,
} from '../../../../corpus/fictional/names.ts';
import { createRandom } from '../../../../src/random/random.ts';
import { readGzipText } from './gzip-text.ts';

const passages = new URL('../../../../../shared/data/wiki84k/corpus.jsonl.gz', import.meta.url);

test('names are made of 150 first and 150 last words, all different', (t) => {
  t.equal(firstWords.length, 150);
  t.equal(lastWords.length, 150);
  t.equal(new Set([...firstWords, ...lastWords]).size, 300);
  t.end();
});

test('drawn names are different, and one in ten has three words', (t) => {
  const names = [...drawNames(2000, createRandom(5))].map(nameText);
  t.equal(new Set(names).size, 2000);
  t.equal(names.filter((name) => name.split(' ').length === 3).length, 200);
  t.ok(names.every((name) => new Set(name.split(' ')).size === name.split(' ').length));
  t.end();
});

test('past 20,000 names of two words the others have three', (t) => {
  const names = [...drawNames(60_000, createRandom(5))].map(nameText);
  t.equal(new Set(names).size, 60_000);
  t.equal(names.filter((name) => name.split(' ').length === 2).length, 20_000);
  t.end();
});

test('there are names for a million entities, and no more than there are', (t) => {
  t.ok(maxNames >= 1_100_000);
  t.throws(() => drawNames(maxNames + 1, createRandom(1)), RangeError);
  t.end();
});

test(
  'no name word occurs in the real Wikipedia passages',
  { skip: existsSync(passages) ? false : 'there are no real passages here' },
  async (t) => {
    const words = new Set((await readGzipText(passages)).toLowerCase().match(/[a-z]+/g));
    const found = [...firstWords, ...lastWords].filter((word) => words.has(word.toLowerCase()));
    t.strictSame(found, []);
  },
);
