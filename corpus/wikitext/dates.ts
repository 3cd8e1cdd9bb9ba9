import { editTime } from './calendar.ts';
import type { DateParts } from './date-format.ts';
import { formatDate, joined, readDate } from './date-format.ts';
import { known } from './number-format.ts';
import type { PageContext, TemplateCall } from './template-call.ts';

/** How the arguments of a template stand where their values do not tell it. */
type Order = 'year first' | 'day first';

const isYear = (text: string): boolean => /^(?:-\d{1,4}|\d{3,4})$/.test(text);

/**
 * The three arguments from `first` on as a date. A number of three digits is the year, wherever it
 * stands: what a template is called tells little, as wikis take over each other's names.
 */
function dateAt(call: TemplateCall, first: number, order: Order): DateParts {
  const [a, b, c] = [call.at(first), call.at(first + 1), call.at(first + 2)];
  if (c === '' && isYear(b) && !isYear(a)) return { year: b, month: a, day: '' };
  const isDayFirst = isYear(a) === isYear(c) ? order === 'day first' : isYear(c);
  return isDayFirst ? { year: c, month: b, day: a } : { year: a, month: b, day: c };
}

/** The same by name: `{{birth date|year=1940|month=10|day=9}}`. */
function dateByName(call: TemplateCall): DateParts {
  return {
    year: call.get('year', 'año', 'ano', 'année', 'год'),
    month: call.get('month', 'mes', 'mês', 'mois', 'месяц'),
    day: call.get('day', 'día', 'dia', 'jour', 'день'),
  };
}

function shownDate(call: TemplateCall, date: DateParts, context: PageContext): string {
  return formatDate(date, context.language, /^(?:y|yes|1|true)$/i.test(call.get('df')));
}

/** Words that tell a template what to do. */
const isFlag = (word: string): boolean =>
  /^(?:mdy|dmy|ymd|iso|none|edad|idade|âge|nolink|link|sin enlace)$/i.test(word) ||
  /^(?:en|au|aux|à|dans) /i.test(word);

/** A date that is given in words, `9 October 1940`; with its year in them, nothing else is. */
function datedWords(call: TemplateCall): string {
  const words = call.positional.slice(0, 3).filter((word) => !isFlag(word));
  const [given = ''] = words;
  return /\p{Nd}{3}/u.test(given) ? given : joined(...words);
}

const isPart = (text: string): boolean => /^(?:-?\d{1,4}|)$/.test(text);

/** `{{birth date|1940|10|9}}`, `{{start date|2001|9|11|8|46}}` and their kin. */
export function renderDate(call: TemplateCall, context: PageContext): string {
  // {{birth-date|9 October 1940}}: a date in words.
  if (!isPart(call.at(1))) return datedWords(call);
  const isByName = call.positional.every((text) => text === '');
  const date = isByName ? dateByName(call) : dateAt(call, 1, 'year first');
  const time = [call.at(4), call.at(5), call.at(6)].filter((part) => /^\d{1,2}$/.test(part));
  const isTime = /^\d{1,2}$/.test(call.at(4)) && time.length > 1;
  return shownDate(call, date, context) + (isTime ? `, ${time.join(':')}` : '');
}

/** French `{{date|7|mai|1930}}` and Romance and Slavic kin: the day stands first. */
export function renderDayFirst(call: TemplateCall, context: PageContext): string {
  const [day, month] = [call.at(1), call.at(2)];
  const isParts = /^(?:-?\d{1,4}|1er|1º|)$/.test(day) && month !== '';
  const isMonth = isYear(month) && !isPart(day);
  if (!isParts && !isMonth) return datedWords(call) || shownDate(call, dateByName(call), context);
  return formatDate(dateAt(call, 1, 'day first'), context.language, true);
}

/** `{{death date and age|1980|12|8|1940|10|9}}`: the date and the age that follows from the two. */
export const renderDateAndAge = dateAndAge(1, 4, 'year first');
/** Spanish `{{fecha de fallecimiento|8|12|1980|9|10|1940}}` and its kin. */
export const renderDayFirstAndAge = dateAndAge(1, 4, 'day first');
/** Japanese `{{没年齢|1940|10|9|1980|12|8}}`: the birth stands first, and does not show. */
export const renderAgeAtDeath = dateAndAge(4, 1, 'year first');

function dateAndAge(endAt: number, startAt: number, order: Order) {
  return (call: TemplateCall, context: PageContext): string => {
    if (!/\d/.test(call.at(1)) || !isPart(call.at(1).replace(/(?:er|º)$/, ''))) {
      return datedWords(call);
    }
    const [end, start] = [dateAt(call, endAt, order), dateAt(call, startAt, order)];
    const language = context.language;
    const shown =
      order === 'day first' ? formatDate(end, language, true) : shownDate(call, end, context);
    const age = ageBetween(start, end, language);
    return age === '' ? shown : `${shown} (${ageText(age, language)})`;
  };
}

/** `aged 40`, and `40 años` where a language is not English. */
function ageText(age: string, language: string): string {
  const locale = known(language);
  if (locale === 'en' || locale.startsWith('en-')) return `aged ${age}`;
  const format = { style: 'unit', unit: 'year', unitDisplay: 'long' } as const;
  const last = Number(/\d+$/.exec(age)?.[0]);
  return new Intl.NumberFormat(locale, format).format(last).replace(/[\p{Nd}]+/u, age);
}

/** Full years from one date to another; a range where days are missing, '' where years are. */
function ageBetween(start: DateParts, end: DateParts, language: string): string {
  const [from, to] = [readDate(start, language), readDate(end, language)];
  if (from?.year === undefined || to?.year === undefined) return '';
  // There is no year 0.
  const years = to.year - from.year - (from.year < 0 && to.year > 0 ? 1 : 0);
  if (years < 0) return '';
  if (from.month === undefined || to.month === undefined)
    return `${Math.max(years - 1, 0)}–${years}`;
  const isEarlier = to.month * 100 + (to.day ?? 0) < from.month * 100 + (from.day ?? 0);
  return String(isEarlier ? Math.max(years - 1, 0) : years);
}

/** `{{as of|2014|5|lc=y}}`: `as of May 2014`; `{{as of}}`: `As of` the year of the edit. */
export function renderAsOf(call: TemplateCall, context: PageContext): string {
  const alternative = call.get('alt');
  if (alternative !== '') return alternative;
  const isLower = /^(?:y|yes|on)$/i.test(call.get('lc'));
  const word =
    call.get('since') === '' ? (isLower ? 'as of' : 'As of') : isLower ? 'since' : 'Since';
  const bare = call.get('bare') !== '';
  const isDayFirst = call.get('df').toUpperCase() !== 'US';
  const given = dateAt(call, 1, 'year first');
  const year = given.year || String(editTime(context)?.day.year ?? '');
  const date = formatDate({ ...given, year }, context.language, isDayFirst);
  return bare ? date : `${word} ${date}${call.get('post')}`;
}

/** `{{film date|1997|1|17|Spain|1997|5|2}}`: each date with its place. */
export function renderFilmDate(call: TemplateCall, context: PageContext): string {
  const dates: string[] = [];
  for (let first = 1; call.at(first) !== ''; first += 4) {
    const place = call.at(first + 3);
    const date = shownDate(call, dateAt(call, first, 'year first'), context);
    dates.push(place === '' ? date : `${date} (${place})`);
  }
  return dates.join(', ');
}

/** `{{dts|1777|12|16}}` or `{{dts|December 16, 1777}}`: a date for sorting. */
export function renderSortDate(call: TemplateCall, context: PageContext): string {
  if (/^hide$/i.test(call.get('format'))) return '';
  if (!/^-?\d+$/.test(call.at(1))) return datedWords(call);
  const isDayFirst = /dmy/i.test(call.get('format'));
  return formatDate(dateAt(call, 1, 'year first'), context.language, isDayFirst);
}
