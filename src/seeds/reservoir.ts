import { createRandom } from '../random/random.ts';

/** What a {@link Reservoir} keeps: a key is given at most once. */
interface Keyed {
  readonly key: string;
}

/**
 * A fair sample of the different keys of a stream, in bounded memory: those with the lowest random
 * numbers, which a key draws from the seed and itself ("bottom k", Cohen and Kaplan 2007,
 * doi:10.1145/1281100.1281133). So the sample does not depend on the order of the stream or on how
 * often a key comes, and a key in it has been there since it first came.
 */
export class Reservoir<Item extends Keyed> {
  readonly #seed: number;
  readonly #size: number;
  #items = new Map<string, Item>();
  /** Keys from this number on have no place any more. */
  #limit = 2 ** 32;

  /** Keeps `size` items, 1 or more. */
  constructor(seed: number, size: number) {
    this.#seed = seed;
    this.#size = size;
  }

  /** The item of `key`, made by `create` where it is new; undefined where it has no place. */
  offer(key: string, create: () => Item): Item | undefined {
    const known = this.#items.get(key);
    if (known !== undefined) return known;
    if (this.#priority(key) >= this.#limit) return undefined;
    const item = create();
    this.#items.set(key, item);
    if (this.#items.size >= 2 * this.#size) this.#items = this.#lowest();
    return this.#items.get(key);
  }

  get(key: string): Item | undefined {
    return this.#items.get(key);
  }

  /** The sample, lowest number first. */
  items(): Item[] {
    return [...this.#lowest().values()];
  }

  #lowest(): Map<string, Item> {
    const ranked = [...this.#items]
      .map(([key, item]) => ({ key, item, priority: this.#priority(key) }))
      .sort((a, b) => a.priority - b.priority || (a.key < b.key ? -1 : 1));
    const last = ranked[this.#size];
    // Equal numbers stay open to each other: the key decides between them at the end.
    if (last !== undefined) this.#limit = last.priority + 1;
    return new Map(ranked.slice(0, this.#size).map(({ key, item }) => [key, item]));
  }

  #priority(key: string): number {
    return createRandom(this.#seed, 'answer', key).next();
  }
}
