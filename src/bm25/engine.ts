import { Dictionary } from './dictionary.ts';
import type { ScoringParameters, WeighedTerm } from './exhaustive.ts';
import { bestRows, ShardReader } from './exhaustive.ts';
import type { EngineDescription } from './format.ts';
import { averageLength, windowRows } from './format.ts';
import { inverseDocumentFrequency } from './formula.ts';
import type { KernelResult, ShardKernel } from './kernel/kernel.ts';
import { createShardKernel, kernelHits, kernelTerms, readBest } from './kernel/kernel.ts';
import type { LoadedEngine } from './load.ts';

/** A row of the corpus with its BM25 score. */
export interface RankedRow {
  readonly row: number;
  readonly score: number;
}

/** A term of a query in one passage. */
export interface TermFacts {
  readonly term: string;
  /** In the passage, 1 or more. */
  readonly frequency: number;
  readonly occurrencesInQuery: number;
  readonly passagesWithTerm: number;
}

/** The numbers from which the score of one passage follows. */
export interface ScoreFacts extends ScoringParameters {
  readonly passages: number;
  /** Terms in the passage. */
  readonly length: number;
  readonly terms: readonly TermFacts[];
}

/** BM25 in one thread. */
export interface Bm25Engine {
  /**
   * The best `depth` rows for a query's terms, repeats counted: exact scores in float64, best first,
   * equal ones in the order that the engine was built with. Rows without any of the terms are none.
   */
  search(terms: readonly string[], depth: number): RankedRow[];
  /** What the score of `row` is made of. Throws RangeError for a row that is not there. */
  explain(terms: readonly string[], row: number): ScoreFacts;
}

/**
 * What a sum of multipliers may be: 257 times the greatest impact, 255, is the greatest number of 16
 * bits.
 */
const multiplierSum = 257;

/** The engine of thread `thread` (from 0, below the number it was loaded for). */
export function createEngine(loaded: LoadedEngine, thread: number): Bm25Engine {
  return new LoadedBm25Engine(loaded, thread);
}

class LoadedBm25Engine implements Bm25Engine {
  readonly #description: EngineDescription;
  readonly #dictionary: Dictionary;
  readonly #parameters: ScoringParameters;
  readonly #shards: readonly { readonly search: ShardKernel; readonly reader: ShardReader }[];

  constructor({ description, dictionary, shards }: LoadedEngine, thread: number) {
    const { k1, b } = description;
    const parameters = { k1, b, averageLength: averageLength(description) };
    this.#description = description;
    this.#dictionary = new Dictionary(dictionary);
    this.#parameters = parameters;
    this.#shards = shards.map((shard) => ({
      search: createShardKernel(shard, thread, parameters),
      reader: new ShardReader(shard, parameters),
    }));
  }

  search(terms: readonly string[], depth: number): RankedRow[] {
    const weighed = this.#weigh(terms);
    if (weighed.length === 0) return [];
    return weighed.length <= kernelTerms && depth <= kernelHits
      ? this.#searchByKernel(weighed, depth)
      : this.#searchPlainly(weighed, depth);
  }

  explain(terms: readonly string[], row: number): ScoreFacts {
    const { rows: passages, shardWindows } = this.#description;
    const shardRows = shardWindows * windowRows;
    const reader = this.#shards[Math.floor(row / shardRows)]?.reader;
    if (reader === undefined || row >= passages) throw new RangeError(`no row ${row}`);
    const inShard = row % shardRows;
    const facts = [...new Set(terms)].map((term): TermFacts => {
      const number = this.#dictionary.numberOf(term);
      return {
        term,
        frequency: number < 0 ? 0 : reader.frequencyIn(inShard, number),
        occurrencesInQuery: terms.filter((other) => other === term).length,
        passagesWithTerm: number < 0 ? 0 : this.#dictionary.passagesWith(number),
      };
    });
    const found = facts.filter(({ frequency }) => frequency > 0);
    return { ...this.#parameters, passages, length: reader.lengthOf(inShard), terms: found };
  }

  /** The terms that some passage holds, in the order in which the query names them first. */
  #weigh(terms: readonly string[]): WeighedTerm[] {
    const repeats = new Map<number, number>();
    for (const term of terms) {
      const number = this.#dictionary.numberOf(term);
      if (number >= 0) repeats.set(number, (repeats.get(number) ?? 0) + 1);
    }
    const { rows } = this.#description;
    return Array.from(repeats, ([number, count]) => ({
      number,
      weight: inverseDocumentFrequency(rows, this.#dictionary.passagesWith(number)) * count,
    }));
  }

  #searchByKernel(terms: readonly WeighedTerm[], depth: number): RankedRow[] {
    const weightSum = terms.reduce((sum, { weight }) => sum + weight, 0);
    const factor = (multiplierSum - terms.length) / weightSum;
    const scale = (factor * 255) / (this.#parameters.k1 + 1);
    let result: KernelResult | undefined;
    for (const { search, reader } of this.#shards) {
      const inShard = terms.map(({ number, weight }) => ({
        weight,
        multiplier: Math.ceil(weight * factor),
        firstEntry: reader.firstEntry(number),
        endEntry: reader.firstEntry(number + 1),
      }));
      result = search({ terms: inShard, depth, scale, before: result });
    }
    return result === undefined ? [] : readBest(result);
  }

  #searchPlainly(terms: readonly WeighedTerm[], depth: number): RankedRow[] {
    const best = this.#shards.flatMap(({ reader }) => bestRows(reader.scoredRows(terms), depth));
    return bestRows(best, depth).map(({ row, score }) => ({ row, score }));
  }
}
