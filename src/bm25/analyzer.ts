import { stem } from 'porter2';

import type { Analyzer } from '../types/index-manifest.ts';

/** Turns text into the terms that BM25 counts; the same for passages and queries. */
export interface TextAnalyzer {
  /** The words of a text, without compatibility forms (NFKC), in order, repeats included. */
  words(text: string): readonly string[];
  /** The terms that a word becomes: usually one; none for one that is too long. */
  termsOfWord(word: string): readonly string[];
  /** The terms of a text in order, repeats included. */
  terms(text: string): string[];
}

/** The analyzer of a name: `english` stems, `simple` suits any language. */
export function analyzerOf(name: Analyzer['name']): Analyzer {
  const common = {
    tokenizer: 'unicode-words',
    normalization: 'nfkc-casefold',
    asciiFolding: true,
    maxTokenLength: 40,
  } as const;
  return name === 'english' ? { name, ...common, stemmer: 'porter2' } : { name, ...common };
}

const asciiOnly = /^[\0-\x7f]*$/;
const asciiWords = /[a-z\d]+/gi;
/** Letters and digits of any script, with the marks that belong to them. */
const unicodeWords = /[\p{Alphabetic}\p{M}\p{N}]+/gu;
/** Terms of words that were met; as many are kept. */
const cachedWords = 100_000;

/** The analyzer that a manifest describes. Words that were met are kept, so that they cost little. */
export function createAnalyzer(analyzer: Analyzer): TextAnalyzer {
  const { stemmer, asciiFolding, maxTokenLength } = analyzer;
  const cache = new Map<string, readonly string[]>();

  function termOf(word: string): string | undefined {
    const term = stemmer === undefined || !asciiOnly.test(word) ? word : stem(word);
    return term.length > maxTokenLength ? undefined : term;
  }

  function termsOfWord(word: string): readonly string[] {
    const folded = fold(word, asciiFolding);
    const parts = folded.match(unicodeWords) ?? [];
    return parts.map(termOf).filter((term) => term !== undefined);
  }

  return {
    words,
    termsOfWord,
    terms(text) {
      const terms: string[] = [];
      for (const word of words(text)) {
        let found = cache.get(word);
        if (found === undefined) {
          if (cache.size >= cachedWords) cache.clear();
          found = termsOfWord(word);
          cache.set(word, found);
        }
        for (const term of found) terms.push(term);
      }
      return terms;
    },
  };
}

function words(text: string): readonly string[] {
  if (asciiOnly.test(text)) return text.match(asciiWords) ?? [];
  return text.normalize('NFKC').match(unicodeWords) ?? [];
}

/** A word without what only its spelling tells: case, and with `asciiFolding` marks on Latin letters. */
function fold(word: string, asciiFolding: boolean): string {
  if (asciiOnly.test(word)) return word.toLowerCase();
  const folded = caseFold(word);
  if (!asciiFolding) return folded;
  return folded
    .normalize('NFD')
    .replace(markedLatin, '$1')
    .normalize('NFC')
    .replace(latinLetters, (letter) => latinSpellings.get(letter) ?? letter);
}

/** The upper case in between makes ß ss and ſ s; both small sigmas become one. */
function caseFold(word: string): string {
  return word.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ');
}

const markedLatin = /(\p{Script=Latin})\p{Mn}+/gu;
/** Latin letters that no normalization takes apart. */
const latinSpellings = new Map(
  Object.entries({
    æ: 'ae',
    œ: 'oe',
    ø: 'o',
    đ: 'd',
    ð: 'd',
    þ: 'th',
    ł: 'l',
    ħ: 'h',
    ŧ: 't',
    ı: 'i',
  }),
);
const latinLetters = /[æœøđðþłħŧı]/gu;
