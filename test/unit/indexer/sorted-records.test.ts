import { join } from 'node:path';

import fc from 'fast-check';
import { test } from 'tap';

import { sortRecords } from '../../../indexer/sorted-records.ts';
import { openRecords, segmentRecords, writeSegment } from '../../../src/storage/record-segments.ts';
import { readSection } from '../../../src/storage/section-file.ts';

/** The order that sorting gives records with these keys. */
function sorted(folder: string, keys: readonly string[]): number[] {
  for (let first = 0; first < keys.length; first += segmentRecords) {
    const part = keys.slice(first, first + segmentRecords).map((key) => JSON.stringify(key));
    writeSegment(folder, 'keys', first, part);
  }
  const records = openRecords(folder, 'keys', keys.length);
  const path = join(folder, 'order.bin');
  const keyOf = (json: Buffer): string => JSON.parse(json.toString()) as string;
  let told = 0;
  const onRecords = (count: number): void => {
    told += count;
  };
  sortRecords({ records, keyOf, path, name: 'order', temporaryFolder: folder, onRecords });
  records.close();
  if (told !== 2 * keys.length) throw new Error(`told of ${told}`);
  return [...new Uint32Array(new Uint8Array(readSection(path, 'order')).buffer)];
}

function plainOrder(keys: readonly string[]): number[] {
  const keyOf = (number: number): string => keys[number] ?? '';
  return [...keys.keys()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : Number(keyOf(a) > keyOf(b))));
}

test('any keys are sorted as strings are, equal ones by number', (t) => {
  const folder = t.testdir();
  const key = fc.oneof(fc.string({ unit: 'binary', maxLength: 4 }), fc.constantFrom('a', 'ab', ''));
  const property = fc.property(fc.array(key, { maxLength: 60 }), (keys) => {
    t.same(sorted(folder, keys), plainOrder(keys));
  });
  fc.assert(property, { numRuns: 60 });
  t.end();
});

test('runs of several segments are merged, whatever their keys are long', (t) => {
  const keys = Array.from({ length: segmentRecords + 3000 }, (_value, i) => {
    const key = String((i * 7919) % 50_021);
    return i % 20_000 === 7 ? key.repeat(20_000) : key;
  });
  t.same(sorted(t.testdir(), keys), plainOrder(keys));
  t.end();
});
