import { longestTermBytes } from '../dictionary.ts';
import type { TextAnalyzer } from './analyzer.ts';

/**
 * The terms that BM25 counts of a passage, repeats included: those of its title as a whole, its words
 * `titleWeight` times, and those of its text. It is what `createWindowInverter` counts, as texts: the
 * frequency of a term is how often it stands here, and the passage's length is the length of the list.
 */
export function passageTerms(
  analyzer: TextAnalyzer,
  { title, text }: { readonly title: string; readonly text: string },
  titleWeight: number,
): string[] {
  const ofTitle = analyzer.terms(title).filter(isIndexed);
  const found = analyzer.titleTerms(title);
  for (let i = 0; i < titleWeight; i += 1) found.push(...ofTitle);
  for (const term of analyzer.terms(text)) if (isIndexed(term)) found.push(term);
  return found;
}

function isIndexed(term: string): boolean {
  return term.length * 3 <= longestTermBytes || Buffer.byteLength(term) <= longestTermBytes;
}
