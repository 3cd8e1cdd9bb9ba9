import { join } from 'node:path';
import { crc32 } from 'node:zlib';

import type { OpenedSection } from './section-file.ts';
import { createSectionWriter, damaged, loadSection, openSection } from './section-file.ts';

// Records that are read one by one: JSON values in section files of 65,536 each. A segment's payload is
//   records               uint32
//   where each begins     uint32 by record and one more, counted behind this table
//   by record: CRC-32 of its number (8 bytes) and its JSON, uint32, then the JSON
// so that a record says by itself that it is the one that was asked for, and whole.

/** Records of every segment but the last. */
export const segmentRecords = 65_536;

/** The file of segment `segment` of the records `name`. */
export function segmentPath(folder: string, name: string, segment: number): string {
  return join(folder, `${name}-${String(segment).padStart(5, '0')}.bin`);
}

/**
 * Writes the segment whose first record has the number `first`; `records` are JSON texts. It is there
 * whole or not at all for {@link openSection}. Throws SSP_DISK_FULL and SSP_NOT_WRITABLE.
 */
export function writeSegment(
  folder: string,
  name: string,
  first: number,
  records: readonly string[],
): void {
  const path = segmentPath(folder, name, Math.floor(first / segmentRecords));
  const writer = createSectionWriter(path, name, 1 << 20);
  const starts = new Uint32Array(records.length + 2);
  starts[0] = records.length;
  let end = 0;
  for (const [i, record] of records.entries()) {
    end += 4 + Buffer.byteLength(record);
    starts[i + 2] = end;
  }
  writer.append(new Uint8Array(starts.buffer));
  const checksum = Buffer.alloc(4);
  for (const [i, record] of records.entries()) {
    const bytes = Buffer.from(record);
    checksum.writeUInt32LE(checksumOf(first + i, bytes));
    writer.append(checksum);
    writer.append(bytes);
  }
  writer.end();
}

/** Records by their number. Reads block, for microseconds where the disk's cache holds them. */
export interface RecordReader {
  readonly count: number;
  /** The JSON of a record. Throws SSP_INDEX_DAMAGED, and RangeError for one that is not there. */
  json(number: number): Buffer;
  /** The JSON of every record from `first` on, in order. */
  jsonFrom(first: number): Generator<Buffer>;
  close(): void;
}

/** Opens the segments of `count` records. Throws SSP_INDEX_DAMAGED where one is not there. */
export function openRecords(folder: string, name: string, count: number): RecordReader {
  const segments: OpenedSection[] = [];
  const close = (): void => {
    for (const segment of segments.splice(0)) segment.close();
  };
  try {
    for (let first = 0; first < count; first += segmentRecords) {
      const path = segmentPath(folder, name, first / segmentRecords);
      const segment = openSection(path, name);
      segments.push(segment);
      requireCount(segment, Math.min(segmentRecords, count - first));
    }
  } catch (error) {
    close();
    throw error;
  }
  const places = Buffer.alloc(8);

  function json(number: number): Buffer {
    const segment = segments[Math.floor(number / segmentRecords)];
    if (segment === undefined || number >= count) throw new RangeError(`no record ${number}`);
    const inSegment = number % segmentRecords;
    segment.read(places, 4 + 4 * inSegment);
    const [start, end] = [places.readUInt32LE(0), places.readUInt32LE(4)];
    const base = tableBytes(Math.min(segmentRecords, count - number + inSegment));
    if (end < start + 4 || base + end > segment.bytes) {
      throw damaged(segment.path, `record ${number} is not where it should be`);
    }
    const record = Buffer.allocUnsafe(end - start);
    segment.read(record, base + start);
    return checked(segment, number, record);
  }

  function* jsonFrom(first: number): Generator<Buffer> {
    for (let number = first; number < count;) {
      const segment = segments[Math.floor(number / segmentRecords)];
      if (segment === undefined) return;
      const inSegment = Math.min(segmentRecords, count - number + (number % segmentRecords));
      const payload = Buffer.allocUnsafe(segment.bytes);
      segment.read(payload, 0);
      const base = tableBytes(inSegment);
      for (let i = number % segmentRecords; i < inSegment; i += 1, number += 1) {
        const start = base + payload.readUInt32LE(4 + 4 * i);
        const end = base + payload.readUInt32LE(8 + 4 * i);
        if (end < start + 4)
          throw damaged(segment.path, `record ${number} is not where it should be`);
        yield checked(segment, number, payload.subarray(start, end));
      }
    }
  }

  return { count, json, jsonFrom, close };
}

/** How many records stand in whole segments: where a writer that was stopped goes on. */
export function wholeRecords(folder: string, name: string, count: number): number {
  for (let first = 0; first < count; first += segmentRecords) {
    try {
      const segment = openSection(segmentPath(folder, name, first / segmentRecords), name);
      try {
        requireCount(segment, Math.min(segmentRecords, count - first));
        loadSection(segment, new Uint8Array(segment.bytes));
      } finally {
        segment.close();
      }
    } catch {
      return first;
    }
  }
  return count;
}

function tableBytes(records: number): number {
  return 4 * (records + 2);
}

function requireCount(segment: OpenedSection, expected: number): void {
  const head = Buffer.alloc(4);
  if (segment.bytes >= 4) segment.read(head, 0);
  const count = head.readUInt32LE();
  if (count !== expected || segment.bytes < tableBytes(count)) {
    throw damaged(segment.path, `it has ${count} records instead of ${expected}`);
  }
}

function checked(segment: OpenedSection, number: number, record: Buffer): Buffer {
  const json = record.subarray(4);
  if (record.readUInt32LE() === checksumOf(number, json)) return json;
  throw damaged(segment.path, `record ${number} is not what was written (CRC-32)`);
}

const numberBytes = Buffer.alloc(8);

function checksumOf(number: number, json: Uint8Array): number {
  numberBytes.writeDoubleLE(number);
  return crc32(json, crc32(numberBytes));
}
