import { termWeight } from './formula.ts';

// The weight of a posting as a byte, and the frequency that follows from it: how often a term occurs
// in a passage is not stored where the impact and the passage's length tell it.

/** Frequencies from here on never follow from the impact. */
export const greatestFrequency = 255;

/**
 * `255 w / (k1 + 1)` rounded up, 1..255, for a term that occurs `frequency` times (1 or more): sums
 * of impacts are never below the scores.
 */
export function impactOf(frequency: number, norm: number, k1: number): number {
  return Math.min(255, Math.ceil((255 * termWeight(frequency, norm, k1)) / (k1 + 1)));
}

/** The least frequency that has the impact, at most {@link greatestFrequency}. */
export function leastFrequency(impact: number, norm: number, k1: number): number {
  let frequency = 1;
  while (frequency < greatestFrequency && impactOf(frequency, norm, k1) < impact) frequency += 1;
  return frequency;
}

/** Whether a posting's frequency may be another one than the least that has its impact. */
export function isUncertain(impact: number, frequency: number, norm: number, k1: number): boolean {
  return frequency === greatestFrequency || impactOf(frequency + 1, norm, k1) === impact;
}
