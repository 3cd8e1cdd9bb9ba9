const asciiOnly = /^[\0-\x7f]*$/;
/** What is not seen (soft hyphens, joiners, variation selectors), and rings and boxes around characters. */
const unseen = /[\p{Default_Ignorable_Code_Point}\p{Me}]/gu;
/** Divides the parts of a Persian word, which are as often written with a space. */
const arabicNonJoiner = /(?<=\p{Script=Arabic}\p{M}*)\u200c/gu;
const otherDigits = /(?![0-9])\p{Nd}/gu;

/**
 * A text with one code point for what looks or counts the same: compatibility forms (NFKC), characters
 * that are not seen, decimal digits of any script. Case and marks stay.
 */
export function plainText(text: string): string {
  if (asciiOnly.test(text)) return text;
  return text
    .replace(arabicNonJoiner, ' ')
    .replace(unseen, '')
    .normalize('NFKC')
    .replace(otherDigits, digitOf);
}

/** Ten digits stand in a row from their zero on; some such rows follow each other. */
function digitOf(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let zero = code;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String((code - zero) % 10);
}

/**
 * Vowel points, cantillation and the stretching stroke of Arabic, Hebrew and Syriac, which most texts
 * leave out; and stress in Cyrillic words, which is all that NFC leaves uncombined of acute and grave.
 */
const readingAids =
  /[[\p{Script_Extensions=Arabic}\p{Script_Extensions=Hebrew}\p{Script_Extensions=Syriac}]&&\p{Mn}]|\u0640|(?<=\p{Script=Cyrillic})[\u0300\u0301]/gv;

/** A word of {@link plainText} without what only helps to read it aloud. */
export function withoutReadingAids(word: string): string {
  return asciiOnly.test(word) ? word : word.replace(readingAids, '');
}

/**
 * A word of {@link plainText} without what only its spelling tells: case in full (ß is ss, ς is σ, ı is
 * i), marks on Latin and Greek letters, and letters that are written for each other. Marks of other
 * scripts stay: the vowels of Indian and Thai words are marks.
 */
export function foldSpelling(word: string): string {
  if (asciiOnly.test(word)) return word.toLowerCase();
  return caseFold(word)
    .normalize('NFD')
    .replace(markedLetters, '$1')
    .normalize('NFC')
    .replace(variantLetters, (letter) => variants.get(letter) ?? letter);
}

/** The upper case in between makes ß ss and ſ s; both small sigmas become one. */
function caseFold(word: string): string {
  return word.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ');
}

const markedLetters = /([\p{Script=Latin}\p{Script=Greek}])\p{M}+/gu;
/** Letters that no normalization takes apart, by what is written for them. */
const variants = new Map(
  Object.entries({
    ...{ æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', þ: 'th', ł: 'l', ħ: 'h', ŧ: 't', ı: 'i' },
    ...{ ŋ: 'n', ə: 'a', ɓ: 'b', ɗ: 'd', ƙ: 'k', ƴ: 'y' },
    ...{ ё: 'е', ѐ: 'е', ѝ: 'и' },
    ...{ أ: 'ا', إ: 'ا', آ: 'ا', ٱ: 'ا', ى: 'ي', ی: 'ي', ک: 'ك', ة: 'ه' },
    '\u093c': '', // the dot below Devanagari letters, which print often leaves out
  }),
);
const variantLetters = new RegExp(`[${[...variants.keys()].join('')}]`, 'gu');
