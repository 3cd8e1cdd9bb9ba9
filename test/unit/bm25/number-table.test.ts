import { test } from 'tap';

import { NumberTable, unknown } from '../../../src/bm25/build/number-table.ts';
import { createRandom } from '../../../src/random/random.ts';

test('a table of words answers as a Map does, through every growth', (t) => {
  const random = createRandom(1, 'words');
  const table = new NumberTable();
  const map = new Map<string, number>();
  for (let i = 0; i < 60_000; i += 1) {
    const letters = Array.from({ length: random.below(7) }, () => random.below(26) + 97);
    const word = String.fromCharCode(...letters);
    if ((table.find(word) === unknown) === map.has(word)) t.fail(`${word} is taken for another`);
    if ((table.find(word) === unknown) === map.has(word)) t.fail(`${word} is taken for another`);
    if (map.has(word)) continue;
    table.add(word, i);
    map.set(word, i);
  }
  t.ok(map.size > 30_000);
  t.equal(table.size, map.size);
  const wrong = [...map].filter(([word, number]) => table.find(word) !== number);
  t.strictSame(wrong, []);
  t.end();
});

test('words of any script and length, and any number of 32 bits', (t) => {
  const table = new NumberTable();
  const long = 'x'.repeat(200_000);
  const numbers = { '': 0, naïve: 1, 東京: 2 ** 31, '𝔘': 2 ** 32 - 1, [long]: 3 };
  for (const [word, number] of Object.entries(numbers)) table.add(word, number);
  for (const [word, number] of Object.entries(numbers)) t.equal(table.find(word), number);
  for (const other of ['naive', '東', '𝔙', `${long}x`, '\0']) t.equal(table.find(other), unknown);
  t.end();
});

test('words of equal hashes are told apart', (t) => {
  const table = new NumberTable();
  // FNV-1a of these two is the same (a known collision of the 32-bit hash).
  table.add('declinate', 1);
  t.equal(table.find('macallums'), unknown);
  table.add('macallums', 2);
  t.equal(table.find('declinate'), 1);
  t.equal(table.find('macallums'), 2);
  t.end();
});
