import { join } from 'node:path';

import { z } from 'zod';

import type { OpenedSection, SectionWriter } from '../storage/section-file.ts';
import {
  createSectionWriter,
  damaged,
  openSection,
  readSection,
  writeSection,
} from '../storage/section-file.ts';

// The files of an engine, in a folder of its own. Each is a section file with a checksum; numbers are
// little-endian. All that is written once is never changed.

/** The layout that this version writes and reads. */
const engineFormatVersion = 2;

/** The engine's files, in the folder of a generation. */
export const engineFolder = 'bm25';

/** Rows of a window: a row within one fits into 16 bits. */
export const windowRows = 65_536;
/** Windows of a shard: what 32-bit addresses reach holds this many with their postings. */
export const usualShardWindows = 128;
/** What a byte of the directory can name. */
const mostShardWindows = 256;
/** Terms of a block of the dictionary; the first stands whole, the others share its beginning. */
export const blockTerms = 16;
/** Lists of this many postings in a window have buckets, of this many postings each at least. */
export const bucketedPostings = 32;
const bucketPostings = 8;
/** Bytes of a directory entry: where its postings begin as uint32, window and greatest impact as uint8. */
export const directoryEntryBytes = 6;
/** Sections over all shards. */
export const dictionarySections = {
  /** Terms in the order of their UTF-8 bytes: shared bytes, own bytes, the own ones. */
  terms: 'terms',
  /** uint32 by block: where it begins. */
  blocks: 'term-blocks',
  /** uint32 by term: passages that hold it, over all shards. */
  frequencies: 'document-frequencies',
} as const;

/** Sections of a shard, by the name of what they hold. */
export const shardSections = {
  /** uint32 by term, and one more: the first directory entry of the term. */
  termStarts: 'term-starts',
  /** A directory entry by term and window, and one that says where the postings end. */
  directory: 'directory',
  /** uint16 by posting: its row in the window. */
  documents: 'documents',
  /** uint8 by posting: 255 w / (k1 + 1) rounded up, w its weight. */
  impacts: 'impacts',
  /**
   * Pairs of uint32, by rising posting: one whose term does not occur as often as the least frequency
   * with its impact, and how often it does.
   */
  exceptions: 'exceptions',
  /**
   * uint16, one for each 8 postings: where each bucket of a list begins in it, the first one at the place of
   * {@link firstBucket}. 0 where there is none.
   */
  buckets: 'buckets',
  /** uint32 by row: terms in the passage. */
  lengths: 'lengths',
  /** uint32 by row: its place in the order of equal scores. */
  ranks: 'ranks',
} as const;
export type ShardSection = keyof typeof shardSections;

const countSchema = z.int().min(0);
const descriptionSchema = z.strictObject({
  formatVersion: z.literal(engineFormatVersion),
  rows: countSchema,
  terms: countSchema,
  /** Terms of all passages, repeats included. */
  occurrences: countSchema,
  k1: z.number().min(0).max(1000),
  b: z.number().min(0).max(1),
  /** Windows of every shard but the last. */
  shardWindows: z.int().min(1).max(mostShardWindows),
  /** Postings of each shard. */
  shardPostings: z.array(countSchema),
  /** CRC-32 of every other section by its name: no file of another engine passes for one of this. */
  checksums: z.record(z.string(), z.int().min(0)),
});
/** What an engine's folder holds, in numbers. */
export type EngineDescription = z.output<typeof descriptionSchema>;

const descriptionName = 'engine';

function sectionPath(folder: string, name: string): string {
  return join(folder, `${name}.bin`);
}

/** The name of a section of a shard among all of an engine. */
export function shardSectionName(shard: number, section: string): string {
  return `shard-${shard}-${section}`;
}

/** A new section of the engine in `folder`. Throws SSP_DISK_FULL and SSP_NOT_WRITABLE. */
export function createEngineSection(folder: string, name: string): SectionWriter {
  return createSectionWriter(sectionPath(folder, name), name);
}

/** A section of the engine that `description` describes. Throws SSP_INDEX_DAMAGED. */
export function openEngineSection(
  folder: string,
  name: string,
  { checksums }: EngineDescription,
): OpenedSection {
  const section = openSection(sectionPath(folder, name), name);
  if (section.checksum === checksums[name]) return section;
  section.close();
  throw damaged(section.path, 'it is of another engine');
}

function checksumOf(folder: string, name: string): number {
  const section = openSection(sectionPath(folder, name), name);
  section.close();
  return section.checksum;
}

/** Written last, when all other sections are whole: a folder without it is half-built. */
export function writeDescription(
  folder: string,
  facts: Omit<EngineDescription, 'formatVersion' | 'checksums'>,
): void {
  const names = [
    ...Object.values(dictionarySections),
    ...facts.shardPostings.flatMap((_postings, shard) =>
      Object.values(shardSections).map((name) => shardSectionName(shard, name)),
    ),
  ];
  const checksums = names.map((name) => [name, checksumOf(folder, name)] as const);
  const description: EngineDescription = {
    formatVersion: engineFormatVersion,
    ...facts,
    checksums: Object.fromEntries(checksums),
  };
  const text = Buffer.from(JSON.stringify(description));
  writeSection(sectionPath(folder, descriptionName), descriptionName, text);
}

/** Throws SSP_INDEX_DAMAGED. */
export function readDescription(folder: string): EngineDescription {
  const path = sectionPath(folder, descriptionName);
  const payload = readSection(path, descriptionName);
  try {
    return descriptionSchema.parse(JSON.parse(Buffer.from(payload).toString('utf8')));
  } catch (error) {
    throw damaged(path, 'it does not describe an engine of this version', error);
  }
}

/** Leading bits of a row that choose the bucket in a list of `length` postings, 32 or more. */
export function bucketBits(length: number): number {
  return 31 - Math.clz32(length / bucketPostings);
}

/** Place of the first bucket of a list that begins at posting `start`: lists never share one. */
export function firstBucket(start: number): number {
  return Math.ceil(start / bucketPostings);
}

/** Mean number of terms in a passage; 1 where there are none. */
export function averageLength({
  rows,
  occurrences,
}: Pick<EngineDescription, 'rows' | 'occurrences'>): number {
  return occurrences === 0 ? 1 : occurrences / rows;
}
