import type { SectionWriter } from '../storage/section-file.ts';
import { blockTerms, createEngineSection, dictionarySections } from './format.ts';

/** Longest term in bytes: the lengths of its parts stand in a byte each. */
export const longestTermBytes = 255;

/** The dictionary in memory, shared between threads. */
export interface DictionaryBytes {
  readonly terms: Uint8Array;
  readonly blocks: Uint32Array;
  /** Passages that hold a term, by its number. */
  readonly frequencies: Uint32Array;
}

/** Appends terms in their order. */
export interface DictionaryWriter {
  readonly terms: number;
  append(term: Uint8Array, passages: number): void;
  end(): void;
}

/** Writes the dictionary's sections into the folder. */
export function createDictionaryWriter(folder: string): DictionaryWriter {
  const terms = createEngineSection(folder, dictionarySections.terms);
  const blocks = createEngineSection(folder, dictionarySections.blocks);
  const frequencies = createEngineSection(folder, dictionarySections.frequencies);
  const number = Buffer.alloc(4);
  const lengths = Buffer.alloc(2);
  const before = Buffer.alloc(longestTermBytes);
  let [beforeBytes, count] = [0, 0];

  function append32(writer: SectionWriter, value: number): void {
    number.writeUInt32LE(value);
    writer.append(number);
  }

  return {
    get terms() {
      return count;
    },
    append(term, passages) {
      const isFirst = count % blockTerms === 0;
      if (isFirst) append32(blocks, terms.bytes);
      const shared = isFirst ? 0 : sharedBytes(before.subarray(0, beforeBytes), term);
      lengths[0] = shared;
      lengths[1] = term.length - shared;
      terms.append(lengths);
      terms.append(term.subarray(shared));
      append32(frequencies, passages);
      before.set(term);
      beforeBytes = term.length;
      count += 1;
    },
    end() {
      for (const writer of [terms, blocks, frequencies]) writer.end();
    },
  };
}

function sharedBytes(one: Uint8Array, other: Uint8Array): number {
  const most = Math.min(one.length, other.length);
  let shared = 0;
  while (shared < most && one[shared] === other[shared]) shared += 1;
  return shared;
}

/**
 * What is wrong with a dictionary of `count` terms, a clause; undefined where every term can be read
 * and all of them rise.
 */
export function dictionaryProblem(
  { terms, blocks, frequencies }: DictionaryBytes,
  count: number,
): string | undefined {
  if (frequencies.length !== count) return 'it does not have a frequency for every term';
  if (blocks.length !== Math.ceil(count / blockTerms)) return 'it has not all blocks';
  const [before, term] = [Buffer.alloc(longestTermBytes), Buffer.alloc(longestTermBytes)];
  let [at, beforeBytes] = [0, 0];
  for (let i = 0; i < count; i += 1) {
    const isFirst = i % blockTerms === 0;
    if (isFirst && blocks[i / blockTerms] !== at) return 'a block does not begin where it should';
    const [shared = 0, own = 0] = [terms[at], terms[at + 1]];
    const bytes = shared + own;
    const isReadable = shared <= (isFirst ? 0 : beforeBytes) && bytes <= longestTermBytes;
    if (!isReadable || at + 2 + own > terms.length) return 'a term cannot be read';
    before.copy(term, 0, 0, shared);
    term.set(terms.subarray(at + 2, at + 2 + own), shared);
    if (i > 0 && before.compare(term, 0, bytes, 0, beforeBytes) >= 0) {
      return 'its terms do not stand in their order';
    }
    term.copy(before, 0, 0, bytes);
    beforeBytes = bytes;
    at += 2 + own;
  }
  return at === terms.length ? undefined : 'it has more bytes than terms';
}

/** Finds terms in a dictionary whose blocks and terms are sound. */
export class Dictionary {
  readonly #bytes: DictionaryBytes;
  readonly #wanted = Buffer.alloc(longestTermBytes);
  readonly #found = Buffer.alloc(longestTermBytes);

  constructor(bytes: DictionaryBytes) {
    this.#bytes = bytes;
  }

  /** The number of a term, -1 for one that no passage holds. */
  numberOf(term: string): number {
    const length = Buffer.byteLength(term);
    if (length > longestTermBytes) return -1;
    this.#wanted.write(term);
    const block = this.#blockOf(length);
    return block < 0 ? -1 : this.#findIn(block, length);
  }

  /** How many passages hold the term of a number. */
  passagesWith(number: number): number {
    return this.#bytes.frequencies[number] ?? 0;
  }

  /** The last block whose first term is not above the wanted one; -1 where there is none. */
  #blockOf(wantedBytes: number): number {
    const { blocks, terms } = this.#bytes;
    let [low, high] = [-1, blocks.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const at = blocks[middle] ?? 0;
      const bytes = terms[at + 1] ?? 0;
      if (this.#compare(terms, at + 2, bytes, wantedBytes) <= 0) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #findIn(block: number, wantedBytes: number): number {
    const { blocks, terms } = this.#bytes;
    const end = blocks[block + 1] ?? terms.length;
    let at = blocks[block] ?? 0;
    for (let i = 0; at < end; i += 1) {
      const [shared = 0, own = 0] = [terms[at], terms[at + 1]];
      for (let j = 0; j < own; j += 1) this.#found[shared + j] = terms[at + 2 + j] ?? 0;
      const order = this.#compare(this.#found, 0, shared + own, wantedBytes);
      if (order === 0) return block * blockTerms + i;
      if (order > 0) return -1;
      at += 2 + own;
    }
    return -1;
  }

  #compare(bytes: Uint8Array, at: number, length: number, wantedBytes: number): number {
    const most = Math.min(length, wantedBytes);
    for (let i = 0; i < most; i += 1) {
      const difference = (bytes[at + i] ?? 0) - (this.#wanted[i] ?? 0);
      if (difference !== 0) return difference;
    }
    return length - wantedBytes;
  }
}
