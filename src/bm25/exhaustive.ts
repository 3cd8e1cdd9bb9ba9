import { directoryEntryBytes, windowRows } from './format.ts';
import { lengthNorm, termWeight } from './formula.ts';
import { isUncertain, leastFrequency } from './impact.ts';
import type { LoadedShard } from './load.ts';

/** A term of a query as it is scored: its weight is its idf times its occurrences in the query. */
export interface WeighedTerm {
  /** Of the dictionary. */
  readonly number: number;
  readonly weight: number;
}

/** A row with its score and its place in the order of equal scores. */
export interface ScoredRow {
  readonly row: number;
  readonly score: number;
  readonly rank: number;
}

/** How rows are scored. */
export interface ScoringParameters {
  readonly k1: number;
  readonly b: number;
  readonly averageLength: number;
}

/** Reads the postings of a shard in TypeScript: slower than the kernel, without its limits. */
export class ShardReader {
  readonly #shard: LoadedShard;
  readonly #parameters: ScoringParameters;
  readonly #view: DataView;
  readonly #bytes: Uint8Array;

  constructor(shard: LoadedShard, parameters: ScoringParameters) {
    this.#shard = shard;
    this.#parameters = parameters;
    this.#view = new DataView(shard.memory.buffer);
    this.#bytes = new Uint8Array(shard.memory.buffer);
  }

  /** The first directory entry of a term; that of the next number is its end. */
  firstEntry(term: number): number {
    return this.#view.getUint32(this.#shard.addresses.termStarts + 4 * term, true);
  }

  /** Every row that holds a term, with its score; rows of the shard count from its first. */
  *scoredRows(terms: readonly WeighedTerm[]): Generator<ScoredRow> {
    const { firstRow, rows, addresses } = this.#shard;
    const entries = terms.map(({ number }) => this.firstEntry(number));
    const scores = new Float64Array(windowRows);
    for (let first = 0; first < rows; first += windowRows) {
      scores.fill(0);
      for (const [i, { number, weight }] of terms.entries()) {
        const entry = entries[i] ?? 0;
        if (entry >= this.firstEntry(number + 1)) continue;
        if (this.#windowOf(entry) !== first / windowRows) continue;
        this.#addPostings(entry, weight, first, scores);
        entries[i] = entry + 1;
      }
      for (let i = 0; i < windowRows; i += 1) {
        const score = scores[i] ?? 0;
        if (score === 0) continue;
        const rank = this.#view.getUint32(addresses.ranks + 4 * (first + i), true);
        yield { row: firstRow + first + i, score, rank };
      }
    }
  }

  /** Terms in the passage of a row of the shard. */
  lengthOf(row: number): number {
    return this.#view.getUint32(this.#shard.addresses.lengths + 4 * row, true);
  }

  /** How often a term occurs in a row of the shard. */
  frequencyIn(row: number, term: number): number {
    const window = Math.floor(row / windowRows);
    for (let entry = this.firstEntry(term); entry < this.firstEntry(term + 1); entry += 1) {
      if (this.#windowOf(entry) !== window) continue;
      const [start, end] = [this.#startOf(entry), this.#startOf(entry + 1)];
      for (let p = start; p < end; p += 1) {
        if (this.#rowOf(p) === row % windowRows) return this.#frequencyOf(p, this.#normOf(row));
      }
    }
    return 0;
  }

  #addPostings(entry: number, weight: number, first: number, scores: Float64Array): void {
    const { k1 } = this.#parameters;
    const end = this.#startOf(entry + 1);
    for (let p = this.#startOf(entry); p < end; p += 1) {
      const row = this.#rowOf(p);
      const norm = this.#normOf(first + row);
      scores[row] = (scores[row] ?? 0) + weight * termWeight(this.#frequencyOf(p, norm), norm, k1);
    }
  }

  #entryAddress(entry: number): number {
    return this.#shard.addresses.directory + directoryEntryBytes * entry;
  }

  #startOf(entry: number): number {
    return this.#view.getUint32(this.#entryAddress(entry), true);
  }

  #windowOf(entry: number): number {
    return this.#view.getUint8(this.#entryAddress(entry) + 4);
  }

  #rowOf(posting: number): number {
    return this.#view.getUint16(this.#shard.addresses.documents + 2 * posting, true);
  }

  #normOf(row: number): number {
    const { b, averageLength } = this.#parameters;
    return lengthNorm(this.lengthOf(row), averageLength, b);
  }

  #frequencyOf(posting: number, norm: number): number {
    const { k1 } = this.#parameters;
    const impact = this.#bytes[this.#shard.addresses.impacts + posting] ?? 0;
    const frequency = leastFrequency(impact, norm, k1);
    return isUncertain(impact, frequency, norm, k1)
      ? this.#exceptionOf(posting, frequency)
      : frequency;
  }

  /** The frequency of a posting among the exceptions; `usual` where it is none. */
  #exceptionOf(posting: number, usual: number): number {
    const { addresses, exceptions } = this.#shard;
    let [low, high] = [0, exceptions];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = addresses.exceptions + 8 * middle;
      const found = this.#view.getUint32(at, true);
      if (found === posting) return this.#view.getUint32(at + 4, true);
      if (found < posting) low = middle + 1;
      else high = middle;
    }
    return usual;
  }
}

/** The best `depth` of rows by falling score, equal ones by rank. */
export function bestRows(rows: Iterable<ScoredRow>, depth: number): ScoredRow[] {
  const all = [...rows].sort((a, b) => b.score - a.score || a.rank - b.rank);
  return all.slice(0, depth);
}
