import type { RetrievedPassage } from '../types/episode.ts';

// English words that say nothing of what a text is about, and those that every question has.
const emptyWords = new Set(
  `a about after all also am an and any are as at be because been before being between both but by can
  could did do does during each either else ever every for from had has have having he her hers him his
  how i if in into is it its itself just many may me might more most much must my no nor not of off on
  once one ones only or other others our out over own s same shall she should since so some such t than
  that the their theirs them then there these they this those through to too under until up upon us very
  was we were what when where whether which while who whom whose why will with within without would you
  your answer called following known name named question`.split(/\s+/),
);

/** Letters and digits with their marks; signs of scripts that set no space between words stand alone. */
const words =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]|[[\p{L}\p{M}\p{N}]--[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]]+/gv;

/**
 * The words of a text that say what it is about, in lower case: all but English function words and those
 * of asking itself (`question`, `name`). Empty for a text without any.
 */
export function contentWords(text: string): Set<string> {
  const found = text.normalize('NFKC').toLowerCase().match(words) ?? [];
  return new Set(found.filter((word) => !emptyWords.has(word)));
}

/** Whether a question has a content word of a passage's title or text. False for no passages. */
export function sharesContentWord(
  question: string,
  passages: readonly Pick<RetrievedPassage, 'title' | 'text'>[],
): boolean {
  const asked = contentWords(question);
  return passages.some(({ title, text }) => {
    const told = contentWords(`${title}\n${text}`);
    return [...asked].some((word) => told.has(word));
  });
}
