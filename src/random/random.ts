import type { Random, RandomState } from '../types/random.ts';

/**
 * xoshiro128** 1.1 (Blackman and Vigna 2018, https://prng.di.unimi.it/xoshiro128starstar.c) from
 * four 32-bit words, not all zero.
 */
export function xoshiro128(state: RandomState): Random {
  let [a, b, c, d] = state;
  const next = (): number => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  };
  const below = (limit: number): number => Math.floor((next() / 2 ** 32) * limit);
  const sample = <Item>(items: readonly Item[], count: number): Item[] => {
    const rest = [...items];
    return items.slice(0, count).flatMap(() => rest.splice(below(rest.length), 1));
  };
  return {
    next,
    below,
    chance: (probability) => next() < probability * 2 ** 32,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError('There is nothing to pick from.');
      return item;
    },
    shuffled: (items) => sample(items, items.length),
    sample,
    state: () => [a >>> 0, b >>> 0, c >>> 0, d >>> 0],
  };
}

/**
 * The stream of random numbers named by `seed` and `path`: equal names give equal streams, other
 * names independent ones. So one page can be made without making the pages before it.
 */
export function createRandom(seed: number, ...path: readonly (string | number)[]): Random {
  const word = splitMix32(fnv1a([seed, ...path].join('/')));
  return xoshiro128([word(), word(), word(), word() | 1]);
}

/** SplitMix (Steele et al. 2014) in 32 bits with MurmurHash3's finaliser: spreads a seed. */
function splitMix32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return mixed ^ (mixed >>> 16);
  };
}

/** 32-bit FNV-1a over the text's UTF-16 units. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash;
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
