import type { PageContext } from './template-call.ts';

/** A day of the Gregorian calendar; years before Christ count from 0 downwards. */
export interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Whole years, and the months and days beyond them. */
export interface Span {
  readonly years: number;
  readonly months: number;
  readonly days: number;
}

const dayMs = 86_400_000;

/** Midnight of a day in UTC, which no time zone and no summer time moves. */
export function utcOf({ year, month, day }: Day): Date {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date;
}

/** The day, if the calendar has it: undefined for February 30. */
export function dayOf(year: number, month: number, day: number): Day | undefined {
  const date = utcOf({ year, month, day });
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isReal ? { year, month, day } : undefined;
}

/** Days from `start` to `end`. */
export function daysBetween(start: Day, end: Day): number {
  return Math.round((utcOf(end).getTime() - utcOf(start).getTime()) / dayMs);
}

/** The time from `start` to `end` by the calendar; undefined where `end` comes first. */
export function spanBetween(start: Day, end: Day): Span | undefined {
  if (daysBetween(start, end) < 0) return undefined;
  const isBegun = end.day < start.day;
  const months = (end.year - start.year) * 12 + end.month - start.month - (isBegun ? 1 : 0);
  const days = daysBetween(monthsAfter(start, months), end);
  return { years: Math.floor(months / 12), months: months % 12, days: Math.max(days, 0) };
}

/** The same day some months later; the month's last one where it is shorter. */
export function monthsAfter({ year, month, day }: Day, count: number): Day {
  const index = year * 12 + month - 1 + count;
  const there = { year: Math.floor(index / 12), month: (((index % 12) + 12) % 12) + 1 };
  const last = utcOf({ year: there.year, month: there.month + 1, day: 0 }).getUTCDate();
  return { ...there, day: Math.min(day, last) };
}

const monthNames = [
  ...['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september'],
  ...['october', 'november', 'december'],
];

/** The number of a month given as number or English name, also shortened to three letters; or NaN. */
export function monthNumber(text: string): number {
  if (/^\d{1,2}$/.test(text)) return Number(text);
  const name = text.toLowerCase().replace(/\.$/, '');
  const index = monthNames.findIndex(
    (month) => month === name || (name.length >= 3 && month.startsWith(name)),
  );
  return index < 0 ? NaN : index + 1;
}

/** Ways to write a day, with what stands where. */
const writtenDays: readonly RegExp[] = [
  /^(?<year>-?\d{4})-(?<month>\d{1,2})-(?<day>\d{1,2})(?:[T ].*)?$/u,
  /^(?<year>\d{4})(?<month>\d\d)(?<day>\d\d)(?:\d{6})?$/u,
  /^(?<day>\d{1,2}) (?<month>\p{L}{3,9}\.?),? (?<year>\d{3,4})(?:[ ,].*)?$/u,
  /^(?<month>\p{L}{3,9}\.?) (?<day>\d{1,2}),? (?<year>\d{3,4})(?:[ ,].*)?$/u,
];

/**
 * The day that a text names in one of the ways that templates take: `2001-01-21`, `20010121`,
 * `21 January 2001`, `Jan 21, 2001 3:45 PM`. Undefined for anything else.
 */
export function parseDay(text: string): Day | undefined {
  const plain = text.replaceAll(/&nbsp;|\s+/g, ' ').trim();
  if (/\bBCE?\b/.test(plain)) return undefined;
  for (const pattern of writtenDays) {
    const { year, month, day } = pattern.exec(plain)?.groups ?? {};
    if (year !== undefined && month !== undefined) {
      return dayOf(Number(year), monthNumber(month), Number(day));
    }
  }
  return undefined;
}

/** The time of a page's last edit, in UTC. */
export interface EditTime {
  readonly day: Day;
  /** Two digits each. */
  readonly hour: string;
  readonly minute: string;
  readonly second: string;
}

/** Undefined where the dump does not tell. */
export function editTime({ editedAt = '' }: PageContext): EditTime | undefined {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)Z$/.exec(editedAt);
  const [, date = '', hour = '', minute = '', second = ''] = match ?? [];
  const day = parseDay(date);
  return day === undefined ? undefined : { day, hour, minute, second };
}
