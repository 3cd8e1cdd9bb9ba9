import type { Random } from '../../src/types/random.ts';
import type { ObjectRule } from './kind.ts';

type ValueRule = Exclude<ObjectRule, { type: 'entity' }>;

const months =
  'January February March April May June July August September October November December'.split(
    ' ',
  );

/** The parts of a date that {@link drawValue} packed into one number. */
export function datePartsOf(value: number): { year: number; month: number; day: number } {
  return {
    year: Math.floor(value / 10_000),
    month: Math.floor(value / 100) % 100,
    day: value % 100,
  };
}

/** A value for `rule` as a whole number; `baseYear` is what a year counts from. */
export function drawValue(rule: ValueRule, baseYear: number, random: Random): number {
  const between = ([low, high]: readonly [number, number]): number =>
    low + random.below(high - low + 1);
  switch (rule.type) {
    case 'date':
      return between(rule.years) * 10_000 + between([1, 12]) * 100 + between([1, 28]);
    case 'year':
      return baseYear + between(rule.range);
    case 'count':
      return Math.round(between(rule.range) / rule.step) * rule.step;
    case 'length':
      return between(rule.range);
  }
}

/** The ways to write a value: first the one that articles use, then others that mean the same. */
export function valueTexts(rule: ValueRule, value: number): [string, ...string[]] {
  switch (rule.type) {
    case 'date': {
      const { year, month, day } = datePartsOf(value);
      const name = months[month - 1] ?? '';
      return [`${day} ${name} ${year}`, `${name} ${day}, ${year}`];
    }
    case 'year':
      return [String(value)];
    case 'count':
      return [value.toLocaleString('en-US'), String(value)];
    case 'length':
      return [`${value} ${rule.unit}`];
  }
}
