import { join } from 'node:path';

import { MergeQueue } from '../src/concurrency/merge-queue.ts';
import type { RecordReader } from '../src/storage/record-segments.ts';
import { segmentRecords } from '../src/storage/record-segments.ts';
import { createSectionWriter, openSection } from '../src/storage/section-file.ts';

/** What is sorted, and where to. */
export interface SortRequest {
  readonly records: RecordReader;
  /** What of a record it is sorted by, from its JSON. */
  readonly keyOf: (json: Buffer) => string;
  /** The section file of the numbers in their order, and its name. */
  readonly path: string;
  readonly name: string;
  /** For what does not fit into memory. */
  readonly temporaryFolder: string;
  /** Told how many records have been read or written since it was told last. */
  readonly onRecords?: (count: number) => void;
}

const runName = 'sorted-run';
const reportedRecords = 8192;

/**
 * Writes the numbers of records as uint32, sorted by their keys (UTF-16 code units), equal ones by
 * number. Memory does not grow with the records but by a buffer for each 65,536.
 */
export function sortRecords(request: SortRequest): void {
  const { records, path, name, onRecords } = request;
  const runs = writeRuns(request).map(openRun);
  const queue = new MergeQueue((one, other) => {
    const [a = '', b = ''] = [runs[one]?.key, runs[other]?.key];
    return a < b || (a === b && one < other);
  });
  for (const [i, run] of runs.entries()) if (run.next()) queue.put(i);
  const writer = createSectionWriter(path, name);
  const number = Buffer.alloc(4);
  for (let written = 1; ; written += 1) {
    const first = queue.take();
    const run = first === undefined ? undefined : runs[first];
    if (first === undefined || run === undefined) break;
    number.writeUInt32LE(run.number);
    writer.append(number);
    if (run.next()) queue.put(first);
    if (written % reportedRecords === 0) onRecords?.(reportedRecords);
  }
  onRecords?.(records.count % reportedRecords);
  writer.end();
  for (const run of runs) run.close();
}

/** A file for each 65,536 records: number, length of the key in bytes, key. */
function writeRuns(request: SortRequest): string[] {
  const { records, keyOf, name, temporaryFolder, onRecords } = request;
  const paths: string[] = [];
  let keys: { readonly key: string; readonly number: number }[] = [];
  let number = 0;
  const flush = (): void => {
    const path = join(temporaryFolder, `${name}-${paths.length}.run`);
    const writer = createSectionWriter(path, runName, 1 << 20);
    keys.sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)) || a.number - b.number);
    for (const entry of keys) {
      const key = Buffer.from(entry.key, 'utf16le');
      writer.append(new Uint8Array(Uint32Array.of(entry.number, key.length).buffer));
      writer.append(key);
    }
    writer.end();
    paths.push(path);
    onRecords?.(keys.length);
    keys = [];
  };
  for (const json of records.jsonFrom(0)) {
    keys.push({ key: keyOf(json), number });
    number += 1;
    if (keys.length === segmentRecords) flush();
  }
  if (keys.length > 0) flush();
  return paths;
}

interface Run {
  /** Of the record at hand. */
  readonly key: string;
  readonly number: number;
  /** Moves on; false at the end. */
  next(): boolean;
  close(): void;
}

const bufferBytes = 1 << 16;

function openRun(path: string): Run {
  const section = openSection(path, runName);
  let buffer = Buffer.alloc(bufferBytes);
  let [used, held, position, key, number] = [0, 0, 0, '', 0];

  function take(count: number): Buffer {
    if (used + count > held) {
      const left = buffer.subarray(used, held);
      if (count > buffer.length) buffer = Buffer.concat([left], count);
      else left.copy(buffer, 0);
      held -= used;
      used = 0;
      const more = Math.min(buffer.length - held, section.bytes - position);
      section.read(buffer.subarray(held, held + more), position);
      held += more;
      position += more;
    }
    used += count;
    return buffer.subarray(used - count, used);
  }

  return {
    get key() {
      return key;
    },
    get number() {
      return number;
    },
    next() {
      if (position - held + used >= section.bytes) return false;
      const head = take(8);
      number = head.readUInt32LE(0);
      const keyBytes = head.readUInt32LE(4);
      key = take(keyBytes).toString('utf16le');
      return true;
    },
    close() {
      section.close();
    },
  };
}
