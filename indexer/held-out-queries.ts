import { openPassageRecords, parsePassage } from '../src/retrieval/passage-files.ts';
import { evenlySpread } from '../src/retrieval/search-index.ts';
import type { Passage } from '../src/types/passage.ts';

/** So many queries say what a vector index finds to about a hundredth. */
export const heldOutQueries = 200;

/**
 * A query each of `count` passages from all over a generation that lies at `folder`; fewer where it has
 * fewer `passages`, none where it has none. Throws SSP_INDEX_DAMAGED.
 */
export function heldOutSentences(folder: string, passages: number, count: number): string[] {
  const records = openPassageRecords(folder, passages);
  try {
    return evenlySpread(count, passages).map((row) => sentenceOf(parsePassage(records.json(row))));
  } finally {
    records.close();
  }
}

const minimumWords = 4;

/**
 * A query that is not in the index: the longest sentence of a passage, which is encoded as a query
 * while the index holds the vector of the whole passage with its title.
 */
function sentenceOf({ title, text }: Passage): string {
  const sentences = text.split(/(?<=[.!?。])\s+/u).filter((sentence) => sentence !== text);
  const longest = sentences.sort((a, b) => b.length - a.length)[0] ?? '';
  if (longest.split(/\s+/u).length >= minimumWords) return longest;
  const words = text.split(/\s+/u);
  return words.length > minimumWords
    ? words.slice(0, Math.ceil(words.length / 2)).join(' ')
    : `${title} ${text}`;
}
