import { str } from './printing.ts';
import type { Arguments, Dict, Value } from './values.ts';
import {
  asInt,
  asText,
  Attributes,
  Callable,
  parameters,
  Sequence,
  TemplateError,
  UnsupportedError,
} from './values.ts';

const mostRange = 100_000;

/** What every template finds: Jinja's functions, and the two that transformers adds. */
const functions: Readonly<Record<string, (args: Arguments) => Value>> = {
  range: (args) => {
    const [first = null, second, third = 1n] = parameters('range', args, ['start', 'stop', 'step']);
    const [from, to] = second === undefined ? [0n, first] : [first, second];
    const [start, stop, step] = [from, to, third].map((value) => asInt(value, 'a bound of range'));
    if (start === undefined || stop === undefined || step === undefined || step === 0n) {
      throw new TemplateError('range() arg 3 must not be zero');
    }
    const away = step > 0n ? stop - start + step - 1n : start - stop - step - 1n;
    const count = away < 0n ? 0n : away / (step > 0n ? step : -step);
    if (count > mostRange) throw new TemplateError(`range() of more than ${mostRange} numbers`);
    const numbers = Array.from({ length: Number(count) }, (_, i) => start + BigInt(i) * step);
    return new Sequence('range', numbers);
  },
  dict: (args) => named('dict', args),
  namespace: (args) => new Attributes('namespace', named('namespace', args)),
  raise_exception: (args) => {
    const [message = ''] = parameters('raise_exception', args, ['message']);
    throw new TemplateError(str(message));
  },
  strftime_now: (args) => {
    const [format = null] = parameters('strftime_now', args, ['format']);
    return dateText(new Date(), asText(format, 'the format of strftime_now'));
  },
};

const missing = ['cycler', 'joiner', 'lipsum'];

/** The variables that a template has before it is given any. */
export const globals: ReadonlyMap<string, Value> = new Map(
  Object.entries(functions).map(([name, call]) => [name, new Callable(name, call)]),
);

/** Throws for a function of Jinja's that is not carried out here. */
export function requireKnownGlobal(name: string): void {
  if (missing.includes(name)) throw new UnsupportedError(`the function ${name}`);
}

/** The one mapping that may be given by place, with the arguments given by name. */
function named(what: string, { positional, named }: Arguments): Dict {
  const [first, ...rest] = positional;
  if (rest.length > 0) throw new TemplateError(`${what} takes at most 1 argument`);
  if (first !== undefined && !(first instanceof Map)) {
    throw new UnsupportedError(`${what}() of something else than a dict`);
  }
  return new Map([...(first ?? []), ...named]);
}

const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September'],
  ...['October', 'November', 'December'],
];
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** Python's `strftime` in the C locale: English names, whatever the machine's language is. */
export function dateText(date: Date, format: string): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const month = months[date.getMonth()] ?? '';
  const day = days[date.getDay()] ?? '';
  const texts: Readonly<Record<string, string>> = {
    Y: String(date.getFullYear()),
    y: two(date.getFullYear() % 100),
    m: two(date.getMonth() + 1),
    d: two(date.getDate()),
    H: two(date.getHours()),
    I: two(date.getHours() % 12 || 12),
    M: two(date.getMinutes()),
    S: two(date.getSeconds()),
    p: date.getHours() < 12 ? 'AM' : 'PM',
    B: month,
    b: month.slice(0, 3),
    A: day,
    a: day.slice(0, 3),
    '%': '%',
  };
  return format.replaceAll(/%([\s\S]?)/g, (directive, letter: string) => {
    const text = texts[letter];
    if (text === undefined)
      throw new UnsupportedError(`${directive} in the format of strftime_now`);
    return text;
  });
}
