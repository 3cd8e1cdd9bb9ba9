import { z } from 'zod';

const word = z.int().min(0).max(0xffff_ffff);

/** Where a generator stands: four 32-bit words, not all zero. It goes into checkpoints as it is. */
export const randomStateSchema = z
  .tuple([word, word, word, word])
  .readonly()
  .refine((words) => words.some((value) => value !== 0), 'a state of zeros gives only zeros');
export type RandomState = z.output<typeof randomStateSchema>;

/** A source of random numbers that is wholly determined by what it was made from. */
export interface Random {
  /** The next 32 bits, 0..2^32 - 1. */
  next(): number;
  /** A whole number in 0..limit - 1; `limit` is 1..2^32. */
  below(limit: number): number;
  /** True with the given probability, 0..1. */
  chance(probability: number): boolean;
  /** One item, each as likely as the others. Throws RangeError for an empty list. */
  pick<Item>(items: readonly Item[]): Item;
  /** The items in random order, as a new array. */
  shuffled<Item>(items: readonly Item[]): Item[];
  /** `count` of the items in random order, each place at most once; all where there are fewer. */
  sample<Item>(items: readonly Item[], count: number): Item[];
  /** Where it stands now: a generator made from it goes on with the same numbers. */
  state(): RandomState;
}
