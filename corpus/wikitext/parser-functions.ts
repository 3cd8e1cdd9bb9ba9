import { parseDay } from './calendar.ts';
import { formatDate } from './date-format.ts';
import { evaluate, shownValue } from './expression.ts';
import type { PageContext, TemplateCall } from './template-call.ts';

/** What stands behind the colon of a function, and its other arguments; without blanks around them. */
type ParserFunction = (test: string, rest: readonly string[], context: PageContext) => string;

const functions: Readonly<Record<string, ParserFunction>> = {
  if: (test, [yes = '', no = '']) => (test === '' ? no : yes),
  ifeq: (test, [other = '', yes = '', no = '']) => (isEqual(test, other) ? yes : no),
  ifexpr: (test, [yes = '', no = '']) => choice(evaluate(test), yes, no),
  iferror: (test, [error = '', right = test]) => (/class="error"/.test(test) ? error : right),
  switch: switched,
  expr: (test) => shownValue(evaluate(test)),
  dateformat: (test) => test,
  formatdate: (test) => test,
  time: timeShown,
  tag: (name, [content = '']) => (isTextTag(name) ? content : ''),
};

/**
 * What a parser function shows, `{{#if: x | a | b}}`: those that ask for other pages, other data or
 * a program (`#invoke`, `#property`, `#ifexist`) show nothing.
 */
export function renderParserFunction(call: TemplateCall, context: PageContext): string {
  const [first = '', ...rest] = call.parts;
  const [, name = '', test = ''] = /^[^#]*#([\p{L}]+)\s*:?([\s\S]*)$/u.exec(first) ?? [];
  const key = name.toLowerCase();
  const known = Object.hasOwn(functions, key) ? functions[key] : undefined;
  return (
    known?.(
      test.trim(),
      rest.map((text) => text.trim()),
      context,
    ) ?? ''
  );
}

function isEqual(a: string, b: string): boolean {
  return a === b || (a !== '' && b !== '' && Number(a) === Number(b));
}

function choice(value: number, yes: string, no: string): string {
  if (Number.isNaN(value)) return '';
  return value === 0 ? no : yes;
}

/** The value of the first case that fits, where cases without a value share the next one's. */
function switched(test: string, cases: readonly string[]): string {
  let isFound = false;
  let otherwise = '';
  for (const [index, text] of cases.entries()) {
    const equals = text.indexOf('=');
    const name = (equals < 0 ? text : text.slice(0, equals)).trim();
    const value = text.slice(equals + 1).trim();
    isFound ||= isEqual(test, name);
    if (equals < 0 && index === cases.length - 1) return isFound ? name : value;
    if (equals >= 0 && isFound) return value;
    if (equals >= 0 && name === '#default') otherwise = value;
  }
  return otherwise;
}

/** Elements that `#tag` makes whose content is no text of the article. */
function isTextTag(name: string): boolean {
  return !/^(?:ref|references|gallery|timeline|imagemap|score|graph|mapframe|maplink|templatestyles|inputbox|categorytree|hiero|syntaxhighlight|source|indicator)$/i.test(
    name,
  );
}

/** `{{#time: j F Y | 2001-01-21}}`: the parts of the date that the format has, as the language writes them. */
function timeShown(format: string, [date = '']: readonly string[], context: PageContext): string {
  const day = parseDay(date);
  if (day === undefined) return '';
  const part = (letters: RegExp, value: number): string =>
    letters.test(format) ? String(value) : '';
  const shown = {
    year: part(/[Yy]/, day.year),
    month: part(/[FMnm]/, day.month),
    day: part(/[jd]/, day.day),
  };
  return formatDate(shown, context.language, true);
}
