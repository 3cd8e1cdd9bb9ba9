import { createRandom } from '../random/random.ts';
import type { Random } from '../types/random.ts';

const nothing = 'There is nothing to draw from.';

/**
 * What a run draws from: all items in random order, then all again in another one. How many were
 * drawn is its whole state.
 */
export class ShuffledQueue<Item extends object> {
  readonly #items: readonly Item[];
  readonly #runSeed: number;
  readonly #stream: string;
  #drawn: number;
  #epoch = -1;
  #order: readonly Item[] = [];

  /** `stream` names the stream of random numbers. Throws a RangeError without items. */
  constructor(items: readonly Item[], runSeed: number, stream: string, drawn = 0) {
    if (items.length === 0) throw new RangeError(nothing);
    this.#items = items;
    this.#runSeed = runSeed;
    this.#stream = stream;
    this.#drawn = drawn;
  }

  get drawn(): number {
    return this.#drawn;
  }

  take(count: number): Item[] {
    return Array.from({ length: count }, () => this.#next());
  }

  #next(): Item {
    const epoch = Math.floor(this.#drawn / this.#items.length);
    if (epoch !== this.#epoch) {
      this.#order = inRandomOrder(this.#items, createRandom(this.#runSeed, this.#stream, epoch));
      this.#epoch = epoch;
    }
    const item = this.#order[this.#drawn % this.#items.length];
    this.#drawn += 1;
    if (item === undefined) throw new RangeError(nothing);
    return item;
  }
}

/** By a random number each; `shuffled` takes the square of the length, too long for 50,000. */
function inRandomOrder<Item>(items: readonly Item[], random: Random): Item[] {
  return items
    .map((item) => ({ item, rank: random.next() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
