import type { SeedsConfig } from '../config/seeds.ts';

/** Whether an answer has as many characters as wanted. */
export function fits(answer: string, { minChars, maxChars }: SeedsConfig): boolean {
  const characters = Array.from(answer).length;
  return characters >= minChars && characters <= maxChars;
}
