import type { Value } from './values.ts';
import { asInt, characters, lengthOf, TemplateError, UnsupportedError } from './values.ts';

// What Python's str takes for white space and for ends of lines; JavaScript's sets are others.
const space =
  '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const leadingSpace = new RegExp(`^[${space}]+`);
const trailingSpace = new RegExp(`[${space}]+$`);
const words = new RegExp(`[^${space}]+`, 'g');
const onlySpace = new RegExp(`^[${space}]+$`);
const lineEnds = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g;

/** Which ends of a text are meant. */
type Ends = 'both' | 'left' | 'right';

/** Python's `strip`, `lstrip`, `rstrip`: takes off white space, or all characters of `chosen`. */
export function strip(text: string, ends: Ends, chosen?: string): string {
  if (chosen === undefined) {
    const left = ends === 'right' ? text : text.replace(leadingSpace, '');
    return ends === 'left' ? left : left.replace(trailingSpace, '');
  }
  const taken = new Set(chosen);
  const all = characters(text);
  let [start, stop] = [0, all.length];
  if (ends !== 'right') while (start < stop && taken.has(all[start] ?? '')) start += 1;
  if (ends !== 'left') while (stop > start && taken.has(all[stop - 1] ?? '')) stop -= 1;
  return all.slice(start, stop).join('');
}

export function isSpace(text: string): boolean {
  return onlySpace.test(text);
}

/** Jinja's filter `title`, which is not Python's: words begin after white space, `-`, `(`, `<` and the like. */
export function titleWords(text: string): string {
  const pieces = text.split(new RegExp(`([-({[<${space}]+)`));
  return pieces
    .map((piece) => {
      const [first = '', ...rest] = piece;
      return first.toUpperCase() + rest.join('').toLowerCase();
    })
    .join('');
}

/** Python's `split`; without a separator at runs of white space. */
export function split(text: string, separator: string | undefined, most: number): string[] {
  if (separator === '') throw new TemplateError('empty separator');
  if (separator === undefined) return splitWords(text, most);
  const parts = text.split(separator);
  if (most < 0 || parts.length <= most + 1) return parts;
  return [...parts.slice(0, most), parts.slice(most).join(separator)];
}

/** Python's `rsplit`. */
export function splitFromRight(
  text: string,
  separator: string | undefined,
  most: number,
): string[] {
  if (separator === '') throw new TemplateError('empty separator');
  if (separator === undefined) {
    return splitWords(reversed(text), most).map(reversed).reverse();
  }
  const parts = text.split(separator);
  if (most < 0 || parts.length <= most + 1) return parts;
  const first = parts.slice(0, parts.length - most).join(separator);
  return [first, ...parts.slice(parts.length - most)];
}

function reversed(text: string): string {
  return characters(text).reverse().join('');
}

function splitWords(text: string, most: number): string[] {
  const found = [...text.matchAll(words)];
  if (most < 0 || found.length <= most) return found.map(([word]) => word);
  // What is left begins at a word and keeps its white space.
  return [...found.slice(0, most).map(([word]) => word), text.slice(found[most]?.index)];
}

/** Python's `splitlines`. */
export function splitLines(text: string, keepEnds = false): string[] {
  const lines: string[] = [];
  let start = 0;
  for (const { 0: end, index } of text.matchAll(lineEnds)) {
    lines.push(text.slice(start, keepEnds ? index + end.length : index));
    start = index + end.length;
  }
  return start < text.length ? [...lines, text.slice(start)] : lines;
}

/** Python's `replace`; a negative `count` replaces all. The empty text stands between characters. */
export function replace(text: string, old: string, by: string, count: number): string {
  const parts = old === '' ? ['', ...characters(text), ''] : text.split(old);
  const most = count < 0 ? parts.length : count;
  return parts.reduce((whole, part, i) => whole + (i <= most ? by : old) + part);
}

const sigma = '\u03a3';

/** Python's `capitalize`: the first character in title case, the rest in lower case. */
export function capitalize(text: string): string {
  const [first = '', ...rest] = text;
  requirePlainTitle(first);
  return first.toUpperCase() + lower(rest.join(''), text);
}

/** Python's `title`: a cased character after another one in lower case, others in title case. */
export function title(text: string): string {
  requirePlainTitle(text);
  if (text.includes(sigma)) throw new UnsupportedError('title() of a text with a capital sigma');
  let isInWord = false;
  return Array.from(text, (character) => {
    const changed = isInWord ? character.toLowerCase() : character.toUpperCase();
    isInWord = /\p{Cased}/u.test(character);
    return changed;
  }).join('');
}

/** Lower case of a part of `whole`; a capital sigma looks at what stands before it. */
function lower(part: string, whole: string): string {
  if (part.includes(sigma) && part !== whole) {
    throw new UnsupportedError('capitalize() of a text with a capital sigma');
  }
  return part.toLowerCase();
}

/** Some characters have a title case of their own, which JavaScript does not know. */
function requirePlainTitle(text: string): void {
  const hasOwnTitle = (character: string): boolean =>
    characters(character.toUpperCase()).length > 1 ||
    /[\u01c4-\u01cc\u01f1-\u01f3\u10d0-\u10ff]/.test(character);
  const odd = characters(text).find(hasOwnTitle);
  if (odd !== undefined) throw new UnsupportedError(`the title case of ${odd}`);
}

/** A place in a sequence of `length`, counted from the end where negative; undefined outside of it. */
export function placeOf(index: bigint, length: number): number | undefined {
  const place = Number(index) + (index < 0n ? length : 0);
  return place >= 0 && place < length ? place : undefined;
}

/** The start, stop and step of a slice, as Python's `slice.indices` gives them. */
export interface SliceBounds {
  readonly start: Value;
  readonly stop: Value;
  readonly step: Value;
}

/** The items that a slice takes, in its order. Throws for a step of 0 and for bounds that are no ints. */
export function slice<Item>(items: readonly Item[], { start, stop, step }: SliceBounds): Item[] {
  const by = step === null ? 1 : Number(asInt(step, 'the step of a slice'));
  if (by === 0) throw new TemplateError('slice step cannot be zero');
  const length = items.length;
  const [low, high] = by > 0 ? [0, length] : [-1, length - 1];
  const bound = (value: Value, standard: number): number => {
    if (value === null) return standard;
    const given = Number(asInt(value, 'a bound of a slice'));
    return Math.min(Math.max(given < 0 ? given + length : given, low), high);
  };
  const [from, to] = [bound(start, by > 0 ? low : high), bound(stop, by > 0 ? high : low)];
  const taken: Item[] = [];
  for (let i = from; by > 0 ? i < to : i > to; i += by) taken.push(...items.slice(i, i + 1));
  return taken;
}

/** Where `part` is first found, or last; counted in characters. -1 where it is not. */
export function findText(text: string, part: string, from: 'left' | 'right'): bigint {
  const at = from === 'left' ? text.indexOf(part) : text.lastIndexOf(part);
  return at < 0 ? -1n : BigInt(lengthOf(text.slice(0, at)));
}
