import type { SectionWriter } from '../../storage/section-file.ts';
import type { ShardSection } from '../format.ts';
import {
  bucketBits,
  bucketedPostings,
  createEngineSection,
  directoryEntryBytes,
  firstBucket,
  shardSectionName,
  shardSections,
} from '../format.ts';

const streamed = [
  ...(['termStarts', 'directory', 'documents', 'impacts'] as const),
  ...(['exceptions', 'buckets'] as const),
];

/** The postings of one term in one window of a shard, with their impacts. */
interface WindowPostings {
  /** Of the shard, from 0. */
  readonly window: number;
  readonly rows: Uint16Array;
  readonly impacts: Uint8Array;
  /** Places of postings whose frequency does not follow from their impact, and the frequencies. */
  readonly exceptions: readonly (readonly [place: number, frequency: number])[];
}

/** Appends the postings of a shard: by term, and within a term by window. */
export interface ShardWriter {
  readonly postings: number;
  /** The postings that follow are of the next term. */
  beginTerm(): void;
  append(postings: WindowPostings): void;
  /** Writes what is known of rows, and ends the sections. */
  end(lengths: Uint32Array, ranks: Uint32Array): void;
}

/** Writes the sections of a shard into the folder. */
export function createShardWriter(folder: string, shard: number): ShardWriter {
  const open = (section: ShardSection): SectionWriter =>
    createEngineSection(folder, shardSectionName(shard, shardSections[section]));
  const writers = Object.fromEntries(streamed.map((section) => [section, open(section)])) as Record<
    (typeof streamed)[number],
    SectionWriter
  >;
  const number = Buffer.alloc(4);
  const entry = Buffer.alloc(directoryEntryBytes);
  let [entries, postings] = [0, 0];

  function append32(writer: SectionWriter, value: number): void {
    number.writeUInt32LE(value);
    writer.append(number);
  }

  function appendEntry(window: number, greatest: number): void {
    entry.writeUInt32LE(postings);
    entry[4] = window;
    entry[5] = greatest;
    writers.directory.append(entry);
    entries += 1;
  }

  return {
    get postings() {
      return postings;
    },
    beginTerm() {
      append32(writers.termStarts, entries);
    },
    append({ window, rows, impacts, exceptions }) {
      appendEntry(window, greatestOf(impacts));
      if (rows.length >= bucketedPostings) {
        fillBuckets(writers.buckets, postings);
        writers.buckets.append(bytesOf(bucketStarts(rows)));
      }
      for (const [place, frequency] of exceptions) {
        append32(writers.exceptions, postings + place);
        append32(writers.exceptions, frequency);
      }
      writers.documents.append(bytesOf(rows));
      writers.impacts.append(impacts);
      postings += rows.length;
    },
    end(lengths, ranks) {
      append32(writers.termStarts, entries);
      appendEntry(0, 0);
      fillBuckets(writers.buckets, postings);
      for (const writer of Object.values(writers)) writer.end();
      for (const [section, values] of [
        ['lengths', lengths],
        ['ranks', ranks],
      ] as const) {
        const writer = open(section);
        writer.append(bytesOf(values));
        writer.end();
      }
    },
  };
}

/** Fills the places of buckets up to those of a list that begins at posting `start`. */
function fillBuckets(writer: SectionWriter, start: number): void {
  writer.append(new Uint8Array(2 * firstBucket(start) - writer.bytes));
}

/** Where each bucket of a list begins in it. */
function bucketStarts(rows: Uint16Array): Uint16Array {
  const bits = bucketBits(rows.length);
  const starts = new Uint16Array(1 << bits);
  let place = 0;
  for (let bucket = 0; bucket < starts.length; bucket += 1) {
    while (place < rows.length && (rows[place] ?? 0) >>> (16 - bits) < bucket) place += 1;
    starts[bucket] = place;
  }
  return starts;
}

function greatestOf(impacts: Uint8Array): number {
  let greatest = 0;
  for (const impact of impacts) if (impact > greatest) greatest = impact;
  return greatest;
}

function bytesOf(values: Uint16Array | Uint32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
