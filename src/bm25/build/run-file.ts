import { createSectionWriter, loadSection, openSection } from '../../storage/section-file.ts';
import { directoryEntryBytes, windowRows } from '../format.ts';
import { greatestFrequency } from '../impact.ts';

// A run is an inverted window: a section file with
//   rows, terms, occurrences                 uint32 each
//   terms in each row                        uint32 by row
//   by term, in the order of UTF-8 bytes:
//     bytes of the term                      uint8, then these
//     rows that hold it                      uint32, then as many uint16
//     occurrences in each                    uint8 by row, 255 for what follows
//     those of 255 and more                  uint32 each

/** The section's name. */
const runName = 'run';
/** The lengths of a whole window, and more than the rows of a term. */
const readBytes = 4 * windowRows;

/** A window with its postings by term. */
export interface InvertedWindow {
  readonly terms: readonly string[];
  /** Numbers of `terms` in the order of their UTF-8 bytes. */
  readonly order: readonly number[];
  /** Where the postings of a term begin, by its number, and where the last ones end. */
  readonly starts: Uint32Array;
  readonly rows: Uint16Array;
  readonly frequencies: Uint32Array;
  /** Terms in each row. */
  readonly lengths: Uint32Array;
}

/** Writes a run to `path`. Throws SSP_DISK_FULL and SSP_NOT_WRITABLE. */
export function writeRun(path: string, window: InvertedWindow): void {
  const { terms, order, starts, rows, frequencies, lengths } = window;
  const writer = createSectionWriter(path, runName, 1 << 20);
  const occurrences = lengths.reduce((sum, length) => sum + length, 0);
  writer.append(bytesOf(Uint32Array.of(lengths.length, order.length, occurrences)));
  writer.append(bytesOf(lengths));
  const head = Buffer.alloc(1 + greatestFrequency + 4);
  const stored = new Uint8ClampedArray(windowRows); // 255 stands for what is more
  const storedBytes = new Uint8Array(stored.buffer);
  for (const number of order) {
    const [start = 0, end = 0] = [starts[number], starts[number + 1]];
    const bytes = head.write(terms[number] ?? '', 1);
    head[0] = bytes;
    head.writeUInt32LE(end - start, 1 + bytes);
    writer.append(head.subarray(0, 1 + bytes + 4));
    writer.append(bytesOf(rows.subarray(start, end)));
    const counts = frequencies.subarray(start, end);
    stored.set(counts);
    const bytesOfCounts = storedBytes.subarray(0, counts.length);
    writer.append(bytesOfCounts);
    if (bytesOfCounts.includes(greatestFrequency))
      writer.append(bytesOf(counts.filter((count) => count >= greatestFrequency)));
  }
  writer.end();
}

/** The postings of one term in a window; the arrays are good until the next one is read. */
export interface RunPostings {
  readonly rows: Uint16Array;
  readonly frequencies: Uint32Array;
}

/** Reads a run term by term. */
export interface RunReader {
  readonly occurrences: number;
  /** What its postings take in a shard, at most. */
  readonly shardBytes: number;
  readonly lengths: Uint32Array;
  /** The term that comes next; undefined after the last. */
  readonly term: Buffer | undefined;
  /** The postings of `term`; moves on to the next one. */
  takePostings(): RunPostings;
  close(): void;
}

/** Opens a run. Throws SSP_INDEX_DAMAGED for one that is not whole. */
export function openRun(path: string): RunReader {
  const section = openSection(path, runName);
  const buffer = Buffer.alloc(readBytes);
  const rows = new Uint16Array(windowRows);
  const rowBytes = new Uint8Array(rows.buffer);
  const frequencies = new Uint32Array(windowRows);
  let [held, used, position] = [0, 0, 0];

  /** The next bytes, at most as many as the buffer holds; good until the next call. */
  function take(count: number): Buffer {
    if (used + count > held) {
      buffer.copy(buffer, 0, used, held);
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

  const [rowCount = 0, terms = 0, occurrences = 0] = wordsOf(take(12));
  const lengths = wordsOf(take(4 * rowCount));
  let left = terms;
  let term: Buffer | undefined;
  const moveOn = (): void => {
    term = left === 0 ? undefined : Buffer.from(take(take(1)[0] ?? 0));
    left -= 1;
  };
  moveOn();
  return {
    occurrences,
    // A posting takes 3 bytes in both, and in a shard its part of a bucket; a row has length and rank.
    shardBytes: 1.1 * section.bytes + directoryEntryBytes * terms + 8 * rowCount,
    lengths,
    get term() {
      return term;
    },
    takePostings() {
      const count = take(4).readUInt32LE();
      rowBytes.set(take(2 * count));
      const stored = take(count);
      const searched = stored.includes(greatestFrequency) ? count : 0;
      frequencies.set(stored);
      for (let i = 0; i < searched; i += 1) {
        if (frequencies[i] === greatestFrequency) frequencies[i] = take(4).readUInt32LE();
      }
      moveOn();
      return { rows: rows.subarray(0, count), frequencies: frequencies.subarray(0, count) };
    },
    close() {
      section.close();
    },
  };
}

/** Whether a whole run stands at `path`. */
export function isWholeRun(path: string): boolean {
  try {
    const section = openSection(path, runName);
    try {
      loadSection(section, new Uint8Array(section.bytes));
      return true;
    } finally {
      section.close();
    }
  } catch {
    return false;
  }
}

function bytesOf(values: Uint16Array | Uint32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(new Uint8Array(bytes).buffer);
}
