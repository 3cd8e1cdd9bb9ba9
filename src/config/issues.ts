import leven from 'leven';
import type { z } from 'zod';

import { lineChars, shown } from '../errors/error.ts';

const shownItems = 3;
const messageChars = 300;
/** A longer word is no slip of a key, and comparing it takes time by its length. */
const longestSlip = 60;

/**
 * One line that says what is wrong and where: the first three issues, names cut at 60 characters.
 * Unknown keys come with the nearest known one.
 */
export function describeIssues({ issues }: z.ZodError, knownKeys: readonly string[] = []): string {
  return firstOf(issues, '; ', (issue) => describeIssue(issue, knownKeys));
}

function describeIssue(issue: z.core.$ZodIssue, knownKeys: readonly string[]): string {
  const place = issue.path.map((part) => shown(String(part))).join('.');
  const where = place === '' ? '' : `${shown(place, lineChars)}: `;
  if (issue.code !== 'unrecognized_keys') return `${where}${shown(issue.message, messageChars)}`;
  const named = firstOf(issue.keys, ', ', (key) => {
    const near = nearest(key, knownKeys);
    const name = `"${shown(key)}"`;
    return near === undefined ? name : `${name} (did you mean "${near}"?)`;
  });
  return `${where}unknown key ${named}`;
}

/** The first three of `items` in words, and how many more there are. */
function firstOf<Item>(
  items: readonly Item[],
  separator: string,
  describe: (item: Item) => string,
): string {
  const first = items.slice(0, shownItems).map(describe).join(separator);
  const more = items.length - shownItems;
  return more > 0 ? `${first}${separator}and ${more} more` : first;
}

/** The candidate closest to `word` by edit distance, if it is close enough to be a slip. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > longestSlip) return undefined;
  const ranked = candidates
    .map((candidate) => ({
      candidate,
      distance: leven(word.toLowerCase(), candidate.toLowerCase()),
    }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(2, word.length / 3)
    ? best.candidate
    : undefined;
}
