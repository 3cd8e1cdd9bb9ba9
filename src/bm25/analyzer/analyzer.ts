import type { Analyzer } from '../../types/index-manifest.ts';
import { plainText, withoutReadingAids } from './spelling.ts';
import { stemmerOf } from './stemmers.ts';
import { queryTitleTerm, titleTerms } from './title-terms.ts';
import { unspacedTerms, wordParts } from './unspaced-scripts.ts';

/** Turns text into the terms that BM25 counts; the same for passages and queries. */
export interface TextAnalyzer {
  /** The words of a text in plain spelling, in order, repeats included. */
  words(text: string): readonly string[];
  /** The terms that a word becomes: one, or several where its script has no spaces between words. */
  termsOfWord(word: string): readonly string[];
  /** The terms of a text in order, repeats included. */
  terms(text: string): string[];
  /** The terms of a title as a whole, beside those of its words: two or none. */
  titleTerms(title: string): string[];
  /** The terms of a query: those of its text, and of the title that it may be. */
  queryTerms(query: string): string[];
}

const asciiOnly = /^[\0-\x7f]*$/;
const asciiWords = /[a-z\d]+/gi;
/** Letters and digits of any script with their marks; letters that stand for an apostrophe divide words. */
const unicodeWords =
  /[[\p{Alphabetic}\p{N}]--[\u02b9-\u02c1\u02c6-\u02d1]][[\p{Alphabetic}\p{M}\p{N}]--[\u02b9-\u02c1\u02c6-\u02d1]]*/gv;
/** Terms of words that were met; as many are kept. */
const cachedWords = 100_000;
/** Longer words, such as sentences without spaces, seldom come again. */
const mostCached = 24;

/** The analyzer that a manifest describes. Words that were met are kept, so that they cost little. */
export function createAnalyzer({ name, maxTermLength }: Analyzer): TextAnalyzer {
  const stem = stemmerOf(name);
  const cache = new Map<string, readonly string[]>();

  function termsOfWord(word: string): readonly string[] {
    return wordParts(withoutReadingAids(word))
      .flatMap(({ text, isUnspaced }) =>
        isUnspaced ? unspacedTerms(text) : [stem(cut(text, maxTermLength))],
      )
      .map((term) => cut(term, maxTermLength))
      .filter((term) => term !== '');
  }

  function terms(text: string): string[] {
    const found: string[] = [];
    for (const word of words(text)) {
      let known = cache.get(word);
      if (known === undefined) {
        if (cache.size >= cachedWords) cache.clear();
        known = termsOfWord(word);
        if (word.length <= mostCached) cache.set(word, known);
      }
      for (const term of known) found.push(term);
    }
    return found;
  }

  return {
    words,
    termsOfWord,
    terms,
    titleTerms,
    queryTerms: (query) => [...terms(query), ...queryTitleTerm(query)],
  };
}

function words(text: string): readonly string[] {
  if (asciiOnly.test(text)) return text.match(asciiWords) ?? [];
  return plainText(text).match(unicodeWords) ?? [];
}

/** The first `length` characters of a term; most are shorter. */
function cut(term: string, length: number): string {
  return term.length <= length ? term : Array.from(term).slice(0, length).join('');
}
