import { foldSpelling, plainText, withoutReadingAids } from './spelling.ts';

/** What a title consists of, whatever divides it: letters, digits and the signs that names are made of. */
const characters = /[[\p{L}\p{M}\p{N}\p{Sm}\p{Sc}\p{So}#]--[\u02b9-\u02c1\u02c6-\u02d1]]/gv;
/** What tells pages of one name apart: `Her (2013 film)`. */
const qualifier = /\([^()]*\)\s*$/u;
/** Words never hold a colon, so that no word is the term of a title. */
const prefix = 'title:';
/** Longer titles have no term of their own; their words find them. */
const mostCharacters = 60;

/**
 * The terms by which a title as a whole is found: that of the title, and that of the title without what
 * stands in brackets at its end. Where nothing does the two are the same, so that of pages of one name
 * the one that bears it alone comes first. None for a title without a visible character; one of more than
 * 60 characters has no term.
 */
export function titleTerms(title: string): string[] {
  const plain = plainText(title);
  const whole = wholeTerm(plain);
  const name = wholeTerm(plain.replace(qualifier, ''));
  return [...whole, ...(name.length === 0 ? whole : name)];
}

/** The term of a query as the title that it may be: at most one. */
export function queryTitleTerm(query: string): string[] {
  return wholeTerm(plainText(query));
}

/** Spaces and punctuation do not count (`AT&T`, `U.S.`, `Don't`), unless there is nothing else (`!!!`). */
function wholeTerm(plain: string): string[] {
  const counted = plain.match(characters)?.join('') ?? plain.replace(/\s/gu, '');
  const folded = foldSpelling(withoutReadingAids(counted));
  return folded === '' || Array.from(folded).length > mostCharacters ? [] : [`${prefix}${folded}`];
}
