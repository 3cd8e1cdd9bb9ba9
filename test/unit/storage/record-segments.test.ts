import { readFileSync, truncateSync, writeFileSync } from 'node:fs';

import { test } from 'tap';

import { isSspError } from '../../../src/errors/error.ts';
import {
  openRecords,
  segmentPath,
  segmentRecords,
  wholeRecords,
  writeSegment,
} from '../../../src/storage/record-segments.ts';
import { randomNumbers } from '../../material/retrieval/small-corpus.ts';

const count = segmentRecords + 500;
const jsonOf = (number: number): string => JSON.stringify([number, 'é'.repeat(number % 50)]);

function writeAll(folder: string): void {
  for (let first = 0; first < count; first += segmentRecords) {
    const length = Math.min(segmentRecords, count - first);
    const records = Array.from({ length }, (_value, i) => jsonOf(first + i));
    writeSegment(folder, 'things', first, records);
  }
}

test('records come back by number and in order', (t) => {
  const folder = t.testdir();
  writeAll(folder);
  t.equal(wholeRecords(folder, 'things', count), count);
  const records = openRecords(folder, 'things', count);
  for (const number of [0, 1, 65_535, 65_536, count - 1]) {
    t.equal(records.json(number).toString(), jsonOf(number));
  }
  t.throws(() => records.json(count), RangeError);
  let number = 65_530;
  for (const json of records.jsonFrom(number)) {
    if (json.toString() !== jsonOf(number)) t.fail(`record ${number}`);
    number += 1;
  }
  t.equal(number, count);
  records.close();
  t.end();
});

test('a writer that was stopped goes on after the last whole segment', (t) => {
  const folder = t.testdir();
  t.equal(wholeRecords(folder, 'things', count), 0);
  writeAll(folder);
  const last = segmentPath(folder, 'things', 1);
  truncateSync(last, readFileSync(last).length - 1);
  t.equal(wholeRecords(folder, 'things', count), segmentRecords);
  t.throws(() => openRecords(folder, 'things', count), { code: 'SSP_INDEX_DAMAGED' });
  t.throws(() => openRecords(folder, 'things', 100), { code: 'SSP_INDEX_DAMAGED' });
  t.equal(openRecords(folder, 'things', 0).count, 0);
  t.end();
});

test('a flipped bit is met by whoever reads the record', (t) => {
  const folder = t.testdir();
  const records = Array.from({ length: 300 }, (_value, number) => jsonOf(number));
  writeSegment(folder, 'things', 0, records);
  const path = segmentPath(folder, 'things', 0);
  const good = readFileSync(path);
  const random = randomNumbers(23);
  for (let i = 0; i < 300; i += 1) {
    const bytes = Buffer.from(good);
    const at = Math.floor(random() * bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
    writeFileSync(path, bytes);
    let refused = 0;
    try {
      const opened = openRecords(folder, 'things', 300);
      for (const number of records.keys()) {
        try {
          if (opened.json(number).toString() !== records[number]) t.fail(`record ${number}`);
        } catch (error) {
          if (!isSspError(error, 'SSP_INDEX_DAMAGED')) throw error;
          refused += 1;
        }
      }
      opened.close();
    } catch (error) {
      t.match(error, { code: 'SSP_INDEX_DAMAGED' });
      refused = 1;
    }
    // Only the payload's own checksum, which is read with the whole, is of no use to a single record.
    if (refused === 0) t.ok(at >= 52 && at < 64, `byte ${at} went unnoticed`);
  }
  t.end();
});
