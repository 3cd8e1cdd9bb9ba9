import type { Token } from './library.ts';
import { UnsupportedError } from './values.ts';

/** What has been seen within a pair of brackets since the last operator that binds less. */
interface Seen {
  /** Of the arguments of a filter. */
  readonly isFilter: boolean;
  compares: boolean;
  adds: boolean;
}

/**
 * Refuses a tag that the library's parser reads otherwise than Jinja: a chain of comparisons, which
 * Python reads as `a < b and b < c`; `a + b ~ c`, where Jinja's `~` binds more; `a is b if c`, where
 * Jinja takes the `if` for an argument of the test; and `a | b(c).d`. Brackets make all plain. Throws
 * an UnsupportedError.
 */
export function checkPrecedence(tokens: readonly Token[]): void {
  const depths: Seen[] = [{ isFilter: false, compares: false, adds: false }];
  const loopIn = tokens[0]?.value === 'for' ? tokens.findIndex(isWord('in')) : -1;
  tokens.forEach((token, i) => {
    const [before, last, next] = [tokens[i - 2], tokens[i - 1], tokens[i + 1]];
    if (isWord('is')(token)) checkTest(tokens.slice(i + 1, i + 5));
    if (/^[-+]\d/.test(token.value) && token.type === 'NumericLiteral') checkEnd('a number', next);
    if (last?.type === 'Pipe' && next?.type !== 'OpenParen') checkEnd('a filter', next);
    if (opens.has(token.type)) {
      const isFilter = last?.type === 'Identifier' && before?.type === 'Pipe';
      depths.push({ isFilter, compares: false, adds: false });
    } else if (closes.has(token.type)) {
      if (depths.pop()?.isFilter === true) checkEnd('a filter', next);
    } else if (i !== loopIn) {
      look(depths.at(-1), token, next);
    }
  });
}

/** Jinja ends the operand here; the library goes on. */
function checkEnd(what: string, next: Token | undefined): void {
  if (next === undefined || !follows.has(next.type)) return;
  throw new UnsupportedError(`an attribute or an item right after ${what}`);
}

const opens = new Set(['OpenParen', 'OpenSquareBracket', 'OpenCurlyBracket']);
const closes = new Set(['CloseParen', 'CloseSquareBracket', 'CloseCurlyBracket']);
const follows = new Set(['Dot', 'OpenParen', 'OpenSquareBracket']);
const separators = new Set(['Comma', 'Colon', 'Equals']);
const words = ['and', 'or', 'if', 'else', 'elif', 'not'].map(isWord);

/** A test without brackets ends an operand, or Jinja takes what follows for its argument. */
function checkTest(tokens: readonly Token[]): void {
  const [, next] = tokens.filter((token) => !isWord('not')(token));
  if (next === undefined) return;
  const isArgument = opens.has(next.type) || next.type.endsWith('Literal');
  const isOtherWord = next.type === 'Identifier' && !['and', 'or', 'else'].includes(next.value);
  if (isArgument || isOtherWord) throw new UnsupportedError(`'${next.value}' right after a test`);
}

function look(seen: Seen | undefined, token: Token, next: Token | undefined): void {
  if (seen === undefined) return;
  const isNotIn = isWord('not')(token) && next !== undefined && isWord('in')(next);
  if (token.type === 'ComparisonBinaryOperator' || isWord('in')(token)) {
    if (seen.compares) throw new UnsupportedError('a chain of comparisons without brackets');
    Object.assign(seen, { compares: true, adds: false });
  } else if (token.type === 'AdditiveBinaryOperator' && token.value !== '~') {
    seen.adds = true;
  } else if (token.value === '~' && seen.adds) {
    throw new UnsupportedError("'~' after '+' or '-' without brackets");
  } else if (separators.has(token.type) || (!isNotIn && words.some((is) => is(token)))) {
    Object.assign(seen, { compares: false, adds: false });
  }
}

function isWord(word: string): (token: Token) => boolean {
  return ({ type, value }) => type === 'Identifier' && value === word;
}
