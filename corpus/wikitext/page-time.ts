import type { Day, EditTime, Span } from './calendar.ts';
import {
  dayOf,
  daysBetween,
  editTime,
  monthNumber,
  monthsAfter,
  parseDay,
  spanBetween,
  utcOf,
} from './calendar.ts';
import type { DateParts } from './date-format.ts';
import { formatDate, monthName } from './date-format.ts';
import { known } from './number-format.ts';
import type { PageContext, TemplateCall } from './template-call.ts';

// Templates that show the time at which a page is read, or what has passed until then. Here that is
// the time of the page's last edit: the only one that the dump tells, and the same every day. Where
// the dump tells none, they show nothing.

function partsOf({ year, month, day }: Day): DateParts {
  return { year: String(year), month: String(month), day: String(day) };
}

/** The day as a number of two digits. */
function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

function weekdayName(day: Day, language: string): string {
  const format = new Intl.DateTimeFormat(known(language), { weekday: 'long', timeZone: 'UTC' });
  return format.format(utcOf(day));
}

function shortMonth(day: Day, language: string): string {
  const format = new Intl.DateTimeFormat(known(language), { month: 'short', timeZone: 'UTC' });
  return format.format(utcOf(day));
}

/** The week of the year as ISO 8601 counts it: the first is that of the first Thursday. */
function weekOf(day: Day): number {
  const fromMonday = (utcOf(day).getUTCDay() + 6) % 7;
  const thursday = utcOf({ ...day, day: day.day - fromMonday + 3 });
  const newYear = { year: thursday.getUTCFullYear(), month: 1, day: 1 };
  return 1 + Math.floor((thursday.getTime() - utcOf(newYear).getTime()) / (7 * 86_400_000));
}

type Variable = (time: EditTime, language: string) => string;

/** MediaWiki's variables, without the CURRENT, LOCAL or REVISION before them. */
const variables: Readonly<Record<string, Variable>> = {
  year: ({ day }) => String(day.year),
  month: ({ day }) => twoDigits(day.month),
  month1: ({ day }) => String(day.month),
  month2: ({ day }) => twoDigits(day.month),
  monthname: ({ day }, language) => monthName(day.month, language, true),
  monthnamegen: ({ day }, language) => monthName(day.month, language, false),
  monthabbrev: ({ day }, language) => shortMonth(day, language),
  day: ({ day }) => String(day.day),
  day2: ({ day }) => twoDigits(day.day),
  dow: ({ day }) => String(utcOf(day).getUTCDay()),
  dayname: ({ day }, language) => weekdayName(day, language),
  week: ({ day }) => String(weekOf(day)),
  hour: ({ hour }) => hour,
  time: ({ hour, minute }) => `${hour}:${minute}`,
  timestamp: ({ day, hour, minute, second }) =>
    `${day.year}${twoDigits(day.month)}${twoDigits(day.day)}${hour}${minute}${second}`,
};

/** Names of MediaWiki's variables of time, in lower case. */
export const timeVariable = new RegExp(
  `^(?:current|local|revision)(${Object.keys(variables).join('|')})$`,
);

/** `{{CURRENTYEAR}}`, `{{LOCALMONTHNAME}}`, `{{REVISIONDAY2}}`; '' without a time of the edit. */
export function renderTimeVariable(call: TemplateCall, context: PageContext): string {
  const time = editTime(context);
  const variable = variables[timeVariable.exec(call.name)?.[1] ?? ''];
  return time === undefined ? '' : (variable?.(time, context.language) ?? '');
}

/** `{{MONTHYEAR}}` and `{{MONTHYEAR+1}}`: `April 2016`, and the month after. */
export function monthYear(later: number): (call: TemplateCall, context: PageContext) => string {
  return (_call, context) => {
    const time = editTime(context);
    if (time === undefined) return '';
    const month = partsOf(monthsAfter(time.day, later));
    return formatDate({ ...month, day: '' }, context.language, true);
  };
}

/** `{{time}}`: the day, as the time of day says nothing. */
export function renderToday(_call: TemplateCall, context: PageContext): string {
  const time = editTime(context);
  return time === undefined ? '' : formatDate(partsOf(time.day), context.language, true);
}

/** `{{year|2005-03-01}}`: the year of a date. */
export function renderYear(call: TemplateCall): string {
  return /(?<!\d)\d{4}(?!\d)/.exec(call.at(1))?.[0] ?? '';
}

/** The time between two days, in the measures that templates show. */
interface Age extends Span {
  readonly totalDays: number;
  readonly daysBeyondYears: number;
}

/**
 * The time between the two days of `{{age|1990|1|1|2000|2|2}}`, `{{age|year=1990|month=1|day=1}}` or
 * `{{age|1 Jan 1990|2 Feb 2000}}`; the second one is by default that of the edit. Undefined where a
 * day is not complete or not known, and where the second one comes first.
 */
function ageOf(call: TemplateCall, context: PageContext): Age | undefined {
  const isInParts = /^-?\d{0,4}$/.test(call.at(1));
  const start = isInParts ? numberedDay(call, 1, '1', '') : parseDay(call.at(1));
  const given = isInParts ? numberedDay(call, 4, '2') : parseDay(call.at(2));
  const isOpen = (isInParts ? call.at(4) || call.get('year2') : call.at(2)) === '';
  const end = isOpen ? editTime(context)?.day : given;
  if (start === undefined || end === undefined) return undefined;
  const span = spanBetween(start, end);
  if (span === undefined) return undefined;
  const daysBeyondYears = daysBetween(monthsAfter(start, span.years * 12), end);
  return { ...span, totalDays: daysBetween(start, end), daysBeyondYears };
}

/**
 * The day whose parts stand from the argument `first` on, the year first or last, or are named `year`,
 * `month` and `day` with one of the endings.
 */
function numberedDay(call: TemplateCall, first: number, ...endings: string[]): Day | undefined {
  const part = (offset: number, name: string): string =>
    call.at(first + offset) || call.get(...endings.map((ending) => name + ending));
  const parts = [part(0, 'year'), part(1, 'month'), part(2, 'day')];
  const isYearLast = !/\d{3}/.test(parts[0] ?? '') && /\d{3}/.test(parts[2] ?? '');
  const [year = '', month = '', day = ''] = isYearLast ? parts.reverse() : parts;
  if (!/^-?\d{1,4}$/.test(year) || !/^\d{1,2}$/.test(day)) return undefined;
  return dayOf(Number(year), monthNumber(month), Number(day));
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** Shows an age in one of the ways that templates do; '' where there is none. */
function age(show: (age: Age, call: TemplateCall) => string) {
  return (call: TemplateCall, context: PageContext): string => {
    const found = ageOf(call, context);
    return found === undefined ? '' : show(found, call);
  };
}

/** `{{age|1989|7|23|2003|7|14}}`: `13`. */
export const renderAge = age(({ years }) => String(years));

/** `{{age in years|1989|7|23|2003|7|14}}`: `13 years`. */
export const renderAgeInYears = age(({ years }) => counted(years, 'year'));

/** `{{age in days|2007|5|24|2008|4|23}}`: `335`; with `show unit=full` `335 days`. */
export const renderAgeInDays = age(({ totalDays }, call) =>
  call.get('show unit') === '' ? String(totalDays) : counted(totalDays, 'day'),
);

/** `{{age in years and days|1989|7|23|2003|7|14}}`: `13 years, 356 days`. */
export const renderAgeInYearsAndDays = age(({ years, daysBeyondYears }) => {
  const days = counted(daysBeyondYears, 'day');
  return years === 0 ? days : `${counted(years, 'year')}, ${days}`;
});

/** `{{age in years and months|2001|1|15|2008|9|5}}`: `7 years, 7 months`. */
export const renderAgeInYearsAndMonths = age((span) => partsShown(span, ['years', 'months'], ', '));

/** `{{age in years, months and days|2001|1|15|2008|9|5}}`: `7 years, 7 months and 21 days`. */
export const renderAgeInFull = age((span) =>
  partsShown(span, ['years', 'months', 'days'], ' and '),
);

/** The parts that are not zero, or the last one; `between` stands before the last of several. */
function partsShown(span: Span, units: readonly (keyof Span)[], between: string): string {
  const shown = units
    .filter((unit) => span[unit] > 0)
    .map((unit) => counted(span[unit], unit.slice(0, -1)));
  const last = shown.pop() ?? `0 ${units.at(-1) ?? ''}`;
  return shown.length === 0 ? last : `${shown.join(', ')}${between}${last}`;
}

/** `{{time ago|Nov 6 2008}}`: `15 years ago`, rounded down, a month of 31 days. */
export function renderTimeAgo(call: TemplateCall, context: PageContext): string {
  const [then, now] = [parseDay(call.at(1)), editTime(context)?.day];
  if (then === undefined || now === undefined) return '';
  return daysBetween(then, now) < 0 ? `in ${elapsed(now, then)}` : `${elapsed(then, now)} ago`;
}

function elapsed(start: Day, end: Day): string {
  const days = daysBetween(start, end);
  const years = spanBetween(start, end)?.years ?? 0;
  if (years > 0) return counted(years, 'year');
  return days >= 31 ? counted(Math.floor(days / 31), 'month') : counted(days, 'day');
}

/** `{{years or months ago|1944|12}}`: `71 years ago`; under two years in months. */
export function renderYearsAgo(call: TemplateCall, context: PageContext): string {
  const now = editTime(context)?.day;
  const [year, month] = [call.at(1), monthNumber(call.at(2))];
  if (now === undefined || !/^\d{1,4}$/.test(year)) return '';
  const hasMonth = !Number.isNaN(month);
  const months = (now.year - Number(year)) * 12 + (hasMonth ? now.month - month : 0);
  if (months < 0) return '';
  const isRecent = hasMonth && months < 24;
  return `${isRecent ? counted(months, 'month') : counted(Math.floor(months / 12), 'year')} ago`;
}
