import { editTime } from './calendar.ts';
import { known } from './number-format.ts';
import type { PageContext, TemplateCall } from './template-call.ts';

/** Year, month, day; a part that is missing is ''. */
export interface DateParts {
  readonly year: string;
  readonly month: string;
  readonly day: string;
}

/**
 * A date in the site's language: `October 9, 1940`, with `isDayFirst` `9 October 1940`, elsewhere as
 * that language writes it. Parts that are missing are left out; names of months are taken as given.
 */
export function formatDate(date: DateParts, language: string, isDayFirst: boolean): string {
  const { year, month, day } = date;
  const monthNumber = Number(month);
  const isNumeric = Number.isInteger(monthNumber) && monthNumber >= 1 && monthNumber <= 12;
  if (month === '') return year;
  if (!isNumeric) return [day, month, year].filter((part) => part !== '').join(' ');
  const name = monthName(monthNumber, language, day === '');
  if (language === 'en' || known(language) === 'en') {
    const dayNumber = day === '' ? '' : String(Number(day) || day);
    if (isDayFirst || dayNumber === '') return joined(dayNumber, name, year);
    return joined(`${name} ${dayNumber}${year === '' ? '' : ','}`, year);
  }
  if (day === '' || year === '') return joined(day === '' ? '' : String(Number(day)), name, year);
  const utc = new Date(0);
  utc.setUTCFullYear(Number(year), monthNumber - 1, Number(day));
  if (Number.isNaN(utc.getTime())) return joined(day, name, year);
  return new Intl.DateTimeFormat(known(language), { dateStyle: 'long', timeZone: 'UTC' }).format(
    utc,
  );
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

/** `isAlone`: without a day, where some languages have another form. */
export function monthName(month: number, language: string, isAlone: boolean): string {
  const date = new Date(Date.UTC(2000, month - 1, 15));
  const locale = known(language);
  if (isAlone) {
    return new Intl.DateTimeFormat(locale, { month: 'long', timeZone: 'UTC' }).format(date);
  }
  const parts = new Intl.DateTimeFormat(locale, {
    month: 'long',
    day: 'numeric',
    timeZone: 'UTC',
  }).formatToParts(date);
  return parts.find((part) => part.type === 'month')?.value ?? String(month);
}

function dateAt(call: TemplateCall, first: number): DateParts {
  return { year: call.at(first), month: call.at(first + 1), day: call.at(first + 2) };
}

function shownDate(call: TemplateCall, date: DateParts, context: PageContext): string {
  return formatDate(date, context.language, /^(?:y|yes|1|true)$/i.test(call.get('df')));
}

/** `{{birth date|1940|10|9}}`, `{{start date|2001|9|11|8|46}}` and their kin. */
export function renderDate(call: TemplateCall, context: PageContext): string {
  const given = call.at(1);
  // {{birth-date|9 October 1940}}: a date in words.
  if (given !== '' && !/^-?\d{1,4}$/.test(given)) return given;
  const date = shownDate(call, dateAt(call, 1), context);
  const time =
    call.at(4) === ''
      ? ''
      : `, ${[call.at(4), call.at(5), call.at(6)].filter((part) => part !== '').join(':')}`;
  return date + time;
}

/** `{{death date and age|1980|12|8|1940|10|9}}`: the date and the age that follows from the two. */
export function renderDateAndAge(call: TemplateCall, context: PageContext): string {
  const [end, start] = [dateAt(call, 1), dateAt(call, 4)];
  const shown = /^-?\d{1,4}$/.test(end.year) ? shownDate(call, end, context) : end.year;
  const age = ageBetween(start, end);
  return age === '' ? shown : `${shown} (aged ${age})`;
}

/** Full years from one date to another; a range where days are missing, '' where years are. */
function ageBetween(start: DateParts, end: DateParts): string {
  if (!/^-?\d{1,4}$/.test(start.year) || !/^-?\d{1,4}$/.test(end.year)) return '';
  const years = Number(end.year) - Number(start.year);
  if (start.month === '' || end.month === '') return `${years - 1}–${years}`;
  const monthDay = (date: DateParts): number => Number(date.month) * 100 + Number(date.day);
  return String(monthDay(end) < monthDay(start) ? years - 1 : years);
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
  const given = dateAt(call, 1);
  const year = given.year || String(editTime(context)?.day.year ?? '');
  const date = formatDate({ ...given, year }, context.language, isDayFirst);
  return bare ? date : `${word} ${date}${call.get('post')}`;
}

/** `{{film date|1997|1|17|Spain|1997|5|2}}`: each date with its place. */
export function renderFilmDate(call: TemplateCall, context: PageContext): string {
  const dates: string[] = [];
  for (let first = 1; call.at(first) !== ''; first += 4) {
    const place = call.at(first + 3);
    const date = shownDate(call, dateAt(call, first), context);
    dates.push(place === '' ? date : `${date} (${place})`);
  }
  return dates.join(', ');
}

/** `{{dts|1777|12|16}}` or `{{dts|December 16, 1777}}`: a date for sorting. */
export function renderSortDate(call: TemplateCall, context: PageContext): string {
  const language = context.language;
  if (!/^-?\d+$/.test(call.at(1)) || call.at(2) === '') return call.at(1);
  const isDayFirst = /dmy/i.test(call.get('format'));
  return formatDate(dateAt(call, 1), language, isDayFirst);
}

/** French `{{date|7|mai|1930}}` and Romance kin: day, month, year, each as it stands. */
export function renderDayFirst(call: TemplateCall, context: PageContext): string {
  const [day, month, year] = [call.at(1), call.at(2), call.at(3)];
  const isParts = /^(?:\d{1,2}|1er|1º|)$/.test(day) && month !== '';
  if (!isParts) {
    const words = call.positional.slice(0, 3);
    return joined(...words.filter((word) => !/^(?:mdy|dmy|ymd|iso|none)$/i.test(word)));
  }
  return formatDate({ year, month, day }, context.language, true);
}
