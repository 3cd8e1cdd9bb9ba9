import { createRequire } from 'node:module';

import { stem as porter2 } from 'porter2';

import type { AnalyzerName } from '../../types/index-manifest.ts';
import { foldSpelling } from './spelling.ts';

/** Turns a word of plain text, in any case, into its stem in folded spelling. */
export type Stemmer = (word: string) => string;

const asciiOnly = /^[\0-\x7f]*$/;
const require = createRequire(import.meta.url);

/** The stemmer of an analyzer; `simple` has none and only folds the spelling. */
export function stemmerOf(name: AnalyzerName): Stemmer {
  if (name === 'simple') return foldSpelling;
  if (name === 'english') return stemEnglish;
  const stem = loadStemmer(name === 'hindi' ? 'indian' : name);
  const lowerCase = name === 'turkish' ? turkishLowerCase : plainLowerCase;
  // Snowball's rules name letters with their marks, so that spelling is folded after them.
  return (word) => foldSpelling(stem(lowerCase(word)));
}

/** English words are stemmed in folded spelling, as the rules know no marks: naïve is naive. */
function stemEnglish(word: string): string {
  const folded = foldSpelling(word);
  return asciiOnly.test(folded) ? porter2(folded) : folded;
}

/** Of 25 languages an index needs one: it is loaded when it is named, in every thread that searches. */
function loadStemmer(language: string): (word: string) => string {
  const loaded = require(`@orama/stemmers/${language}`) as { stemmer: (word: string) => string };
  return loaded.stemmer;
}

function plainLowerCase(word: string): string {
  return word.toLowerCase();
}

/** I is the capital of ı, and İ that of i. */
function turkishLowerCase(word: string): string {
  return word.replaceAll('I', 'ı').replaceAll('İ', 'i').toLowerCase();
}
