import { dayOf, monthNumber } from './calendar.ts';
import { known } from './number-format.ts';

/** Year, month, day as a template gives them; a part that is missing is '', years before Christ `-44`. */
export interface DateParts {
  readonly year: string;
  readonly month: string;
  readonly day: string;
}

/** The numbers of a date; what is missing or given as zero is undefined. */
export interface DateNumbers {
  readonly year: number | undefined;
  readonly month: number | undefined;
  readonly day: number | undefined;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Always of the Gregorian calendar, in which templates take their numbers. */
function formatOf(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language} ${JSON.stringify(options)}`;
  const found = formats.get(key);
  if (found !== undefined) return found;
  const fixed = { calendar: 'gregory', timeZone: 'UTC' };
  const made = new Intl.DateTimeFormat(known(language), { ...options, ...fixed });
  formats.set(key, made);
  return made;
}

/** Midnight in UTC; there is no year 0, so -44 is 44 BC. */
function dateOf({ year = 2000, month = 1, day = 1 }: Partial<DateNumbers>): Date {
  const date = new Date(0);
  date.setUTCFullYear(year < 0 ? year + 1 : year, month - 1, day);
  return date;
}

/** `isAlone`: without a day, where some languages have another form. */
export function monthName(month: number, language: string, isAlone: boolean): string {
  if (isAlone) return formatOf(language, { month: 'long' }).format(dateOf({ month }));
  const parts = formatOf(language, { month: 'long', day: 'numeric' }).formatToParts(
    dateOf({ month }),
  );
  return parts.find((part) => part.type === 'month')?.value ?? String(month);
}

const namesByLanguage = new Map<string, ReadonlyMap<string, number>>();

/** All forms of the names of months in a language, in small letters and without a point. */
function monthNames(language: string): ReadonlyMap<string, number> {
  const found = namesByLanguage.get(language);
  if (found !== undefined) return found;
  const names = new Map<string, number>();
  for (let month = 1; month <= 12; month += 1) {
    const short = formatOf(language, { month: 'short' }).format(dateOf({ month }));
    const forms = [monthName(month, language, true), monthName(month, language, false), short];
    for (const form of forms) names.set(form.toLowerCase().replace(/\.$/, ''), month);
  }
  namesByLanguage.set(language, names);
  return names;
}

/** The number of a month given as number, or by its name in `language` or English; or NaN. */
function monthOf(text: string, language: string): number {
  const name = text.toLowerCase().replace(/\.$/, '');
  return monthNames(language).get(name) ?? monthNumber(text);
}

const isNothing = (part: string): boolean => /^0*$/.test(part);

/**
 * The numbers of a date, where it is one: undefined for months and days that the calendar does not
 * have, and for years in words.
 */
export function readDate(date: DateParts, language: string): DateNumbers | undefined {
  if (!isNothing(date.year) && !/^-?\d{1,4}$/.test(date.year)) return undefined;
  const year = isNothing(date.year) ? undefined : Number(date.year);
  const month = isNothing(date.month) ? undefined : monthOf(date.month, language);
  const dayText = /^(\d{1,2})(?:\.|er|[ºª]|st|nd|rd|th)?$/.exec(date.day)?.[1];
  const day = isNothing(date.day) ? undefined : Number(dayText);
  if (month === undefined) return day === undefined ? { year, month, day } : undefined;
  const leapYear = 2000;
  const real = dayOf(
    (year ?? leapYear) < 0 ? (year ?? 0) + 1 : (year ?? leapYear),
    month,
    day ?? 1,
  );
  return real === undefined ? undefined : { year, month, day };
}

/**
 * A date in the site's language: `October 9, 1940`, with `isDayFirst` `9 October 1940`, elsewhere as
 * that language writes it; `March 15, 44 BC` for the year -44. Parts that are missing or zero are
 * left out. What is no date keeps its words.
 */
export function formatDate(date: DateParts, language: string, isDayFirst: boolean): string {
  const { year, month, day } = date;
  const numbers = readDate(date, language);
  if (numbers !== undefined) return formatNumbers(numbers, language, isDayFirst);
  const isYearInWords = !/^-?\d{0,4}$/.test(year);
  if (isYearInWords) return joined(formatDate({ ...date, year: '' }, language, isDayFirst), year);
  return /^\d*$/.test(month) ? joined(year, month, day) : joined(day, month, year);
}

function formatNumbers(date: DateNumbers, language: string, isDayFirst: boolean): string {
  if (known(language) === 'en' || language.startsWith('en-')) {
    return formatEnglish(date, language, isDayFirst);
  }
  const { year, month, day } = date;
  if (month === undefined) return yearText(year, language);
  const format = formatOf(language, {
    month: 'long',
    ...(day === undefined ? {} : { day: 'numeric' as const }),
    ...(year === undefined ? {} : { year: 'numeric' as const }),
    ...((year ?? 0) < 0 ? { era: 'short' as const } : {}),
  });
  const shown = format.format(dateOf(date));
  return /^fr\b/.test(language) ? shown.replace(/^1 /, '1er ') : shown;
}

function formatEnglish(
  { year, month, day }: DateNumbers,
  language: string,
  isDayFirst: boolean,
): string {
  const shownYear = yearText(year, language);
  if (month === undefined) return shownYear;
  const name = monthName(month, language, day === undefined);
  if (day === undefined) return joined(name, shownYear);
  if (isDayFirst) return joined(String(day), name, shownYear);
  return joined(`${name} ${day}${year === undefined ? '' : ','}`, shownYear);
}

/** A year by itself: `1940`, and `44 BC` as the language writes it for -44. */
function yearText(year: number | undefined, language: string): string {
  if (year === undefined) return '';
  if (year > 0) return String(year);
  return formatOf(language, { year: 'numeric', era: 'short' }).format(dateOf({ year }));
}

/** Parts that are not empty, with a blank between them. */
export function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}
