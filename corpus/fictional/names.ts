import type { Random } from '../../src/types/random.ts';
import { firstWords, lastWords } from './name-words.ts';

const pairs = firstWords.length * lastWords.length;
const triples = firstWords.length * (firstWords.length - 1) * lastWords.length;

/** Share of names of three words while there are names of two words to be had. */
const tripleShare = 0.1;

/** At most so many names have two words: with more, most word pairs would be taken. */
export const maxPairs = 20_000;

/** How many names there are at all. */
export const maxNames = maxPairs + triples;

/**
 * `count` different names as numbers for {@link nameText}, in random order. One in ten has three
 * words; past {@link maxPairs} names of two words all further ones have three. Throws RangeError
 * for more than {@link maxNames}.
 */
export function drawNames(count: number, random: Random): Int32Array {
  const pairCount = Math.min(Math.ceil(count * (1 - tripleShare)), maxPairs);
  const short = drawDistinct(pairCount, pairs, random);
  const long = drawDistinct(count - pairCount, triples, random);
  const names = [...short, ...long.map((name) => name + pairs)];
  return drawDistinct(count, count, random).map((from) => names[from] ?? 0);
}

/** The words of the name numbered `name`. */
export function nameText(name: number): string {
  const last = lastWords[name % lastWords.length] ?? '';
  if (name < pairs) return `${firstWords[Math.floor(name / lastWords.length)] ?? ''} ${last}`;
  const rest = Math.floor((name - pairs) / lastWords.length);
  const first = rest % firstWords.length;
  const step = Math.floor(rest / firstWords.length) + 1;
  const second = (first + step) % firstWords.length;
  return `${firstWords[first] ?? ''} ${firstWords[second] ?? ''} ${last}`;
}

/** `count` different numbers below `limit`: Fisher-Yates over an array that is never written out. */
function drawDistinct(count: number, limit: number, random: Random): Int32Array {
  if (count > limit) throw new RangeError(`There are ${limit} names, not ${count}.`);
  const moved = new Map<number, number>();
  return Int32Array.from({ length: count }, (_, at) => {
    const from = at + random.below(limit - at);
    const drawn = moved.get(from) ?? from;
    moved.set(from, moved.get(at) ?? at);
    return drawn;
  });
}
