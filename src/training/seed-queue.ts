import { createRandom } from '../random/random.ts';
import type { Random } from '../types/random.ts';
import type { Seed } from '../types/seed.ts';

/**
 * The seeds of a run: all of them in random order, then all again in another one. How many were
 * drawn is its whole state.
 */
export class SeedQueue {
  readonly #seeds: readonly Seed[];
  readonly #runSeed: number;
  #drawn: number;
  #epoch = -1;
  #order: readonly Seed[] = [];

  /** Throws a RangeError without seeds. */
  constructor(seeds: readonly Seed[], runSeed: number, drawn = 0) {
    if (seeds.length === 0) throw new RangeError('There are no seeds.');
    this.#seeds = seeds;
    this.#runSeed = runSeed;
    this.#drawn = drawn;
  }

  get drawn(): number {
    return this.#drawn;
  }

  take(count: number): Seed[] {
    return Array.from({ length: count }, () => this.#next());
  }

  #next(): Seed {
    const epoch = Math.floor(this.#drawn / this.#seeds.length);
    if (epoch !== this.#epoch) {
      this.#order = inRandomOrder(this.#seeds, createRandom(this.#runSeed, 'seeds', epoch));
      this.#epoch = epoch;
    }
    const seed = this.#order[this.#drawn % this.#seeds.length];
    this.#drawn += 1;
    if (seed === undefined) throw new RangeError('There are no seeds.');
    return seed;
  }
}

/** By a random number each; `shuffled` takes the square of the length, too long for 50,000. */
function inRandomOrder(seeds: readonly Seed[], random: Random): Seed[] {
  return seeds
    .map((seed) => ({ seed, rank: random.next() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ seed }) => seed);
}
