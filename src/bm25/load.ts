import type { OpenedSection } from '../storage/section-file.ts';
import { damaged, loadSection } from '../storage/section-file.ts';
import type { DictionaryBytes } from './dictionary.ts';
import { dictionaryProblem } from './dictionary.ts';
import type { EngineDescription, ShardSection } from './format.ts';
import {
  dictionarySections,
  directoryEntryBytes,
  firstBucket,
  openEngineSection,
  readDescription,
  shardSectionName,
  shardSections,
  windowRows,
} from './format.ts';

const pageBytes = 65_536;
const alignment = 128;
/** Behind every section, since the kernel reads whole vectors. */
const paddingBytes = 128;
/** The first bytes of a memory stay free: no section has the address 0. */
const firstAddress = 1024;

/** A shard in memory. Threads share it; each has its scratch behind the sections. */
export interface LoadedShard {
  readonly memory: WebAssembly.Memory;
  /** Where each section begins. */
  readonly addresses: Readonly<Record<ShardSection, number>>;
  readonly exceptions: number;
  readonly firstRow: number;
  readonly rows: number;
  readonly postings: number;
  /** Where the first thread's scratch begins, and how many threads have one. */
  readonly scratchAddress: number;
  readonly threads: number;
}

/** An engine's files in shared memory: may be sent to other threads. */
export interface LoadedEngine {
  readonly description: EngineDescription;
  readonly dictionary: DictionaryBytes;
  readonly shards: readonly LoadedShard[];
}

/** How an engine is loaded. */
export interface LoadOptions {
  /** Threads that will search. */
  readonly threads: number;
  /** Scratch that each needs in each shard. */
  readonly scratchBytes: number;
  /** Told of every section that has been read. */
  readonly onBytes?: (bytes: number) => void;
}

/**
 * Reads the engine in `folder` into shared memory and checks all of it: checksums, sizes, and every
 * number that is an address. Takes about a second a gigabyte and blocks. Throws SSP_INDEX_DAMAGED.
 */
export function loadEngine(folder: string, options: LoadOptions): LoadedEngine {
  const description = readDescription(folder);
  const { rows, shardPostings } = description;
  const shardRows = description.shardWindows * windowRows;
  if (shardPostings.length !== Math.ceil(rows / shardRows)) {
    throw damaged(folder, `it has ${shardPostings.length} shards for ${rows} passages`);
  }
  const dictionary = loadDictionary(folder, description, options);
  const shards = shardPostings.map((postings, shard) => {
    const firstRow = shard * shardRows;
    const inShard = Math.min(shardRows, rows - firstRow);
    return loadShard(folder, { shard, firstRow, rows: inShard, postings, description }, options);
  });
  return { description, dictionary, shards };
}

function loadDictionary(
  folder: string,
  description: EngineDescription,
  { onBytes }: LoadOptions,
): DictionaryBytes {
  const { terms: count, rows } = description;
  const load = (name: string): Uint8Array<SharedArrayBuffer> => {
    const section = openEngineSection(folder, name, description);
    try {
      const bytes = new Uint8Array(new SharedArrayBuffer(section.bytes));
      loadSection(section, bytes);
      onBytes?.(section.bytes);
      return bytes;
    } finally {
      section.close();
    }
  };
  const words = (bytes: Uint8Array<SharedArrayBuffer>): Uint32Array =>
    new Uint32Array(bytes.buffer, 0, bytes.length >> 2);
  const dictionary = {
    terms: load(dictionarySections.terms),
    blocks: words(load(dictionarySections.blocks)),
    frequencies: words(load(dictionarySections.frequencies)),
  };
  const tooMany = dictionary.frequencies.some((passages) => passages === 0 || passages > rows);
  const problem = tooMany
    ? 'a term is in more passages than there are'
    : dictionaryProblem(dictionary, count);
  if (problem !== undefined) {
    throw damaged(folder, `its dictionary: ${problem}`);
  }
  return dictionary;
}

interface ShardFacts {
  readonly shard: number;
  readonly firstRow: number;
  readonly rows: number;
  readonly postings: number;
  readonly description: EngineDescription;
}

function loadShard(folder: string, facts: ShardFacts, options: LoadOptions): LoadedShard {
  const names = Object.keys(shardSections) as ShardSection[];
  const pathOf = (name: ShardSection): string => opened.get(name)?.path ?? folder;
  const opened = new Map<ShardSection, OpenedSection>();
  try {
    for (const name of names) {
      const inEngine = shardSectionName(facts.shard, shardSections[name]);
      opened.set(name, openEngineSection(folder, inEngine, facts.description));
    }
    const bytesOf = (name: ShardSection): number => opened.get(name)?.bytes ?? 0;
    requireSizes(facts, bytesOf, pathOf);
    const { addresses, end } = placeSections(names, bytesOf);
    const totalBytes = end + options.threads * options.scratchBytes;
    const pages = Math.ceil(totalBytes / pageBytes);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: 65_536, shared: true });
    for (const [name, section] of opened) {
      loadSection(section, new Uint8Array(memory.buffer, addresses[name], section.bytes));
      options.onBytes?.(section.bytes);
    }
    const shard = {
      memory,
      addresses,
      exceptions: bytesOf('exceptions') / 8,
      firstRow: facts.firstRow,
      rows: facts.rows,
      postings: facts.postings,
      scratchAddress: end,
      threads: options.threads,
    };
    requireSoundDirectory(shard, facts.description.terms, bytesOf, pathOf);
    requireSoundExceptions(shard, pathOf);
    return shard;
  } finally {
    for (const section of opened.values()) section.close();
  }
}

/** Every size that follows from the number of rows, terms and postings. */
function requireSizes(
  { rows, postings, description }: ShardFacts,
  bytesOf: (name: ShardSection) => number,
  pathOf: (name: ShardSection) => string,
): void {
  const expected: Partial<Record<ShardSection, number>> = {
    termStarts: 4 * (description.terms + 1),
    documents: 2 * postings,
    impacts: postings,
    buckets: 2 * firstBucket(postings),
    lengths: 4 * rows,
    ranks: 4 * rows,
  };
  for (const [name, bytes] of Object.entries(expected) as [ShardSection, number][]) {
    if (bytesOf(name) !== bytes) {
      throw damaged(pathOf(name), `it has ${bytesOf(name)} bytes of content instead of ${bytes}`);
    }
  }
  const units = { directory: directoryEntryBytes, exceptions: 8 } as const;
  for (const [name, unit] of Object.entries(units) as [keyof typeof units, number][]) {
    if (bytesOf(name) % unit !== 0) throw damaged(pathOf(name), 'it ends within an entry');
  }
}

function placeSections(
  names: readonly ShardSection[],
  bytesOf: (name: ShardSection) => number,
): { readonly addresses: Record<ShardSection, number>; readonly end: number } {
  let end = firstAddress;
  const addresses = names.map((name) => {
    const address = end;
    end = Math.ceil((address + bytesOf(name) + paddingBytes) / alignment) * alignment;
    return [name, address] as const;
  });
  return { addresses: Object.fromEntries(addresses) as Record<ShardSection, number>, end };
}

/** Terms' entries follow each other without a gap, an entry's postings too, and windows rise within a term. */
function requireSoundDirectory(
  { memory, addresses, postings, rows }: LoadedShard,
  terms: number,
  bytesOf: (name: ShardSection) => number,
  pathOf: (name: ShardSection) => string,
): void {
  const view = new DataView(memory.buffer);
  const starts = new Uint32Array(memory.buffer, addresses.termStarts, terms + 1);
  const windows = Math.ceil(rows / windowRows);
  const entries = starts[terms] ?? 0;
  if (starts[0] !== 0 || (entries + 1) * directoryEntryBytes !== bytesOf('directory')) {
    throw damaged(pathOf('termStarts'), 'its last entry is not the last of the directory');
  }
  const problem = (): never => {
    throw damaged(pathOf('directory'), 'its entries do not follow each other');
  };
  const entryAddress = (entry: number): number => addresses.directory + entry * directoryEntryBytes;
  if (view.getUint32(entryAddress(0), true) !== 0) problem();
  if (view.getUint32(entryAddress(entries), true) !== postings) problem();
  for (let term = 0; term < terms; term += 1) {
    const [first = 0, end = 0] = [starts[term], starts[term + 1]];
    if (end < first || end > entries) throw damaged(pathOf('termStarts'), 'its terms do not rise');
    let windowBefore = -1;
    for (let entry = first; entry < end; entry += 1) {
      const at = entryAddress(entry);
      const length = view.getUint32(at + directoryEntryBytes, true) - view.getUint32(at, true);
      const window = view.getUint8(at + 4);
      if (length < 1 || length > windowRows) problem();
      if (window <= windowBefore || window >= windows) problem();
      windowBefore = window;
    }
  }
}

function requireSoundExceptions(
  { memory, addresses, exceptions, postings }: LoadedShard,
  pathOf: (name: ShardSection) => string,
): void {
  const pairs = new Uint32Array(memory.buffer, addresses.exceptions, 2 * exceptions);
  for (let i = 0; i < exceptions; i += 1) {
    const [posting = 0, before = -1] = [pairs[2 * i], pairs[2 * i - 2]];
    if (posting >= postings || posting <= before) {
      throw damaged(pathOf('exceptions'), 'its postings do not rise');
    }
  }
}
