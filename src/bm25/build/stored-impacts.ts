import type { Bm25Parameters } from '../formula.ts';
import { lengthNorm } from '../formula.ts';
import { impactOf, leastFrequency } from '../impact.ts';

/** What is stored of a posting: its impact, and this where its frequency does not follow from it. */
export const exceptional = 256;

/** Most postings are of shorter passages, in terms, and of terms that occur less often in them. */
const tabledLengths = 2048;
const tabledFrequencies = 16;

/** What is stored of a posting whose term occurs `frequency` times, 1 or more, among `length` terms. */
export type StoredImpacts = (frequency: number, length: number) => number;

/** What is stored of postings, by a table where both numbers are small. */
export function createStoredImpacts(
  averageLength: number,
  { k1, b }: Bm25Parameters,
): StoredImpacts {
  function computed(frequency: number, length: number): number {
    const norm = lengthNorm(length, averageLength, b);
    const impact = impactOf(frequency, norm, k1);
    const follows = leastFrequency(impact, norm, k1) === frequency;
    return follows ? impact : impact + exceptional;
  }

  const table = new Uint16Array(tabledFrequencies * tabledLengths);
  for (let frequency = 1; frequency < tabledFrequencies; frequency += 1) {
    for (let length = 0; length < tabledLengths; length += 1) {
      table[frequency * tabledLengths + length] = computed(frequency, length);
    }
  }
  return (frequency, length) =>
    frequency < tabledFrequencies && length < tabledLengths
      ? (table[frequency * tabledLengths + length] ?? 0)
      : computed(frequency, length);
}
