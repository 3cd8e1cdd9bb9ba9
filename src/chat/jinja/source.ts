import { messageOf } from '../../errors/error.ts';
import type { Token } from './library.ts';
import { tokenize } from './library.ts';
import { checkPrecedence } from './precedence.ts';
import { strip } from './python-text.ts';
import { TemplateError, UnsupportedError } from './values.ts';

/**
 * The name of the filter whose block stands for `{% generation %}`. That tag of transformers marks what
 * the assistant says; no template can write a filter of this name.
 */
export const generationBlock = '{% generation %}';

const openings = /\{[%{#]/g;
const rawOpening = /\{%[-+]?\s*raw\s*(?:-%\}\s*|%\})/y;
const rawEnd = /\{%([-+]?)\s*endraw\s*(?:\+%\}|-%\}\s*|%\}\n?)/g;
const commentEnd = /(?:\+#\}|-#\}\s*|#\}\n?)/g;
const blockEnd = /\+%\}|-%\}\s*|%\}\n?/y;
const printEnd = /-\}\}\s*|\}\}/y;
const string = /'[^'\\]*(?:\\[\s\S][^'\\]*)*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y;
const closings: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

// What the library's lexer changes in a tag though Jinja does not: it works on the text before it
// knows which of it is in quotes.
const changedByLibrary = /^[ \t]+\{[#%-]|[#%-]\}\n|\{%-?\s*(?:end)?generation/m;

/** A token with the text or the tag that it stands in. */
interface PlacedToken extends Token {
  readonly source: string;
}

/** A template's tokens, the texts between tags as Jinja leaves them. Throws a TemplateError. */
export function readSource(template: string): PlacedToken[] {
  const text = template.replaceAll(/\r\n|\r/g, '\n').replace(/\n$/, '');
  const reader = new SourceReader(text);
  while (reader.readNext());
  return reader.tokens;
}

/** Reads a template from tag to tag, by the rules of Jinja's lexer for white space around them. */
class SourceReader {
  readonly tokens: PlacedToken[] = [];
  readonly #text: string;
  #at = 0;
  /** Whether what comes next begins a line: at the start, and after a tag that took its line's end. */
  #startsLine = true;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads the text up to the next tag, and the tag. False at the end. */
  readNext(): boolean {
    openings.lastIndex = this.#at;
    const start = openings.exec(this.#text)?.index;
    if (start === undefined) {
      this.#pushText(this.#text.slice(this.#at));
      return false;
    }
    const opening = this.#text.slice(start, start + 2);
    const sign = /^[-+]/.exec(this.#text.slice(start + 2))?.[0] ?? '';
    this.#pushText(this.#beforeTag(start, sign, opening !== '{{'));
    rawOpening.lastIndex = start;
    const raw = rawOpening.exec(this.#text);
    if (raw !== null) this.#readRaw(start + raw[0].length);
    else if (opening === '{#') this.#readComment(start + 2);
    else this.#readTag(opening, start + 2 + sign.length);
    return true;
  }

  /** The text before a tag. A block or a comment that stands alone in its line takes what is before it. */
  #beforeTag(start: number, sign: string, stripsLine: boolean): string {
    const text = this.#text.slice(this.#at, start);
    if (sign === '-') return strip(text, 'right');
    if (sign === '+' || !stripsLine) return text;
    const lineStart = text.lastIndexOf('\n') + 1;
    const isAlone =
      (lineStart > 0 || this.#startsLine) && strip(text.slice(lineStart), 'both') === '';
    return isAlone ? text.slice(0, lineStart) : text;
  }

  #readRaw(from: number): void {
    this.#moveTo(from);
    rawEnd.lastIndex = from;
    const end = rawEnd.exec(this.#text);
    if (end === null) throw new TemplateError('Missing end of raw directive');
    this.#pushText(this.#beforeTag(end.index, end[1] ?? '', true));
    this.#moveTo(end.index + end[0].length);
  }

  #readComment(from: number): void {
    commentEnd.lastIndex = from;
    const end = commentEnd.exec(this.#text);
    if (end === null) throw new TemplateError('Missing end of comment tag');
    this.#moveTo(end.index + end[0].length);
  }

  #readTag(opening: string, from: number): void {
    const end = this.#endOfTag(from, opening === '{%' ? blockEnd : printEnd);
    const inner = this.#text.slice(from, end.index);
    const source = this.#text.slice(this.#at, end.index + end[0].length).trim();
    this.#moveTo(end.index + end[0].length);
    const tokens = opening === '{%' ? blockTokens(inner) : printTokens(inner);
    this.tokens.push(...tokens.map((token) => ({ ...token, source })));
  }

  /** Where a tag ends: not within quotes or brackets. */
  #endOfTag(from: number, ending: RegExp): RegExpExecArray {
    const open: string[] = [];
    for (let at = from; at < this.#text.length;) {
      ending.lastIndex = string.lastIndex = at;
      const end = open.length === 0 ? ending.exec(this.#text) : null;
      if (end !== null) return end;
      const quoted = string.exec(this.#text)?.[0];
      const character = this.#text[at] ?? '';
      if (quoted === undefined && '([{'.includes(character)) open.push(character);
      if (quoted === undefined && character in closings && open.pop() !== closings[character]) {
        throw new TemplateError(`unexpected '${character}'`);
      }
      at += quoted?.length ?? 1;
    }
    throw new TemplateError('a tag has no end');
  }

  #pushText(value: string): void {
    if (value !== '') this.tokens.push({ value, type: 'Text', source: value });
  }

  #moveTo(at: number): void {
    this.#at = at;
    this.#startsLine = this.#text[at - 1] === '\n';
  }
}

function printTokens(inner: string): Token[] {
  const [open, close] = [
    { value: '{{', type: 'OpenExpression' },
    { value: '}}', type: 'CloseExpression' },
  ];
  return [open, ...innerTokens(inner), close];
}

function blockTokens(inner: string): Token[] {
  const [open, close] = [
    { value: '{%', type: 'OpenStatement' },
    { value: '%}', type: 'CloseStatement' },
  ];
  const words: Readonly<Record<string, string[]>> = {
    generation: ['filter', generationBlock],
    endgeneration: ['endfilter'],
  };
  const generation = words[inner.trim()]?.map((value) => ({ value, type: 'Identifier' }));
  return [open, ...(generation ?? innerTokens(inner)), close];
}

/** The tokens of what stands in a tag. */
function innerTokens(inner: string): Token[] {
  const odd = changedByLibrary.exec(inner)?.[0];
  if (odd !== undefined) throw new UnsupportedError(`${JSON.stringify(odd)} within a tag`);
  const tokens = tokensOf(inner);
  checkPrecedence(tokens);
  return tokens;
}

function tokensOf(inner: string): Token[] {
  try {
    return tokenize(`{{ ${inner} }}`).slice(1, -1);
  } catch (error) {
    throw new UnsupportedError(inner.trim(), messageOf(error));
  }
}
