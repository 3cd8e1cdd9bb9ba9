import { known } from './number-format.ts';
import { afterColon } from './quantities.ts';
import type { PageContext, TemplateCall } from './template-call.ts';

type StringFunction = (text: string, rest: readonly string[], language: string) => string;

const functions: Readonly<Record<string, StringFunction>> = {
  lc: (text, _rest, language) => text.toLocaleLowerCase(language),
  uc: (text, _rest, language) => text.toLocaleUpperCase(language),
  lcfirst: (text, _rest, language) =>
    firstLetter(text, (letter) => letter.toLocaleLowerCase(language)),
  ucfirst: (text, _rest, language) =>
    firstLetter(text, (letter) => letter.toLocaleUpperCase(language)),
  padleft: (text, [length, fill]) => text.padStart(padLength(length), fill || '0'),
  padright: (text, [length, fill]) => text.padEnd(padLength(length), fill || '0'),
  plural: (count, forms, language) => pluralForm(count, forms, language),
  nowiki: (text) => text,
  fullurl: (text) => text,
};

/** The names that a text function has before its colon. */
export const stringFunction = new RegExp(`^(?:${Object.keys(functions).join('|')}):`);

/**
 * MediaWiki's functions of a text, `{{lc:ABC}}`, `{{padleft:7|3|0}}`, `{{plural:2|year|years}}`
 * (mediawiki.org, Help:Magic words): what they show.
 */
export function renderStringFunction(call: TemplateCall, context: PageContext): string {
  const [, ...rest] = call.parts;
  const name = call.name.slice(0, call.name.indexOf(':'));
  const trimmed = rest.map((part) => part.trim());
  return functions[name]?.(afterColon(call), trimmed, known(context.language)) ?? '';
}

const longestPadding = 500;

/** A length that is none pads nothing; MediaWiki pads to 500 characters at most. */
function padLength(text = ''): number {
  return Math.min(Number.parseInt(text, 10) || 0, longestPadding);
}

function firstLetter(text: string, change: (letter: string) => string): string {
  const [letter = ''] = text;
  return change(letter) + text.slice(letter.length);
}

const categories: readonly Intl.LDMLPluralRule[] = ['zero', 'one', 'two', 'few', 'many', 'other'];

/** The form that belongs to a number, `0=none` to that number alone; the last where there are too few. */
function pluralForm(count: string, given: readonly string[], language: string): string {
  const exact = given.find((form) => form.startsWith(`${count}=`));
  if (exact !== undefined) return exact.slice(count.length + 1);
  const forms = given.filter((form) => !/^\d+=/.test(form));
  const rules = new Intl.PluralRules(language);
  const used = categories.filter((name) => rules.resolvedOptions().pluralCategories.includes(name));
  const place = used.indexOf(rules.select(Number(count)));
  return forms[Math.min(place, forms.length - 1)] ?? '';
}
