/** Ideographs, kana and Hangul: a character is a syllable or a word. */
const eastAsian =
  /[\p{Script_Extensions=Han}\p{Script_Extensions=Hiragana}\p{Script_Extensions=Katakana}\p{Script_Extensions=Bopomofo}\p{Script=Hangul}\p{Script=Yi}]/u
    .source;
/** The scripts of Unicode's line breaking class SA, whose words only a dictionary can tell apart. */
const southEastAsian = `[${[
  ...['Thai', 'Lao', 'Khmer', 'Myanmar', 'Tai_Le', 'New_Tai_Lue', 'Tai_Tham', 'Tai_Viet', 'Ahom'],
]
  .map((script) => `\\p{Script=${script}}`)
  .join('')}]`;

const runs = new RegExp(
  `(?<unspaced>${eastAsian}+|${southEastAsian}+)|(?:(?!${eastAsian}|${southEastAsian}).)+`,
  'gsu',
);
const anyUnspaced = new RegExp(`${eastAsian}|${southEastAsian}`, 'u');

/**
 * What is written, and typed, as one: a letter with its marks, with the vowel that stands before it in
 * Thai and Lao, with what is stacked below it (Khmer coeng, Burmese virama, Tai Tham sakot), and with
 * the vowel or sign after it.
 */
const clusters =
  /[เ-ไເ-ໄ]?\P{M}\p{M}*(?:(?<=[\u17d2\u1039\u1a60])\P{M}\p{M}*)*[ะาๅๆຯະາໆ]?|\p{M}+/gu;

/** Parts of a word: those of one script without spaces between words, and all between them. */
export interface WordPart {
  readonly text: string;
  readonly isUnspaced: boolean;
}

/** Divides a word where scripts with and without spaces meet, and between two of the latter. */
export function wordParts(word: string): WordPart[] {
  if (!anyUnspaced.test(word)) return [{ text: word, isUnspaced: false }];
  return Array.from(word.matchAll(runs), ({ 0: text, groups }) => ({
    text,
    isUnspaced: groups?.['unspaced'] !== undefined,
  }));
}

/**
 * The terms of a run of text without spaces: each character (cluster) and each pair of neighbours, so that
 * a word of any length is found inside. `東京都` gives 東, 京, 都, 東京, 京都.
 */
export function unspacedTerms(run: string): string[] {
  const characters = run.match(clusters) ?? [];
  const pairs = characters.slice(1).map((character, i) => `${characters[i] ?? ''}${character}`);
  return [...characters, ...pairs];
}
