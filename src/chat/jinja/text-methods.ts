import {
  capitalize,
  findText,
  isSpace,
  replace,
  split,
  splitFromRight,
  splitLines,
  strip,
  title,
} from './python-text.ts';
import type { Arguments, Value } from './values.ts';
import {
  asInt,
  asText,
  isTrue,
  iterate,
  lengthOf,
  list,
  parameters,
  Sequence,
  TemplateError,
  UnsupportedError,
} from './values.ts';

type TextMethod = (text: string, args: Arguments) => Value;

/** The methods of Python's str that are carried out here. */
const methods: Readonly<Record<string, TextMethod>> = {
  strip: (text, args) => strip(text, 'both', characters('strip', args)),
  lstrip: (text, args) => strip(text, 'left', characters('lstrip', args)),
  rstrip: (text, args) => strip(text, 'right', characters('rstrip', args)),
  upper: plain('upper', (text) => text.toUpperCase()),
  lower: plain('lower', (text) => text.toLowerCase()),
  title: plain('title', title),
  capitalize: plain('capitalize', capitalize),
  split: (text, args) => list(split(text, ...splitting('split', args))),
  rsplit: (text, args) => list(splitFromRight(text, ...splitting('rsplit', args))),
  splitlines: (text, args) => {
    const [keepEnds = false] = parameters('splitlines()', args, ['keepends']);
    return list(splitLines(text, isTrue(keepEnds)));
  },
  startswith: (text, args) => affixes('startswith', args).some((part) => text.startsWith(part)),
  endswith: (text, args) => affixes('endswith', args).some((part) => text.endsWith(part)),
  removeprefix: (text, args) => {
    const prefix = one('removeprefix', args);
    return text.startsWith(prefix) ? text.slice(prefix.length) : text;
  },
  removesuffix: (text, args) => {
    const suffix = one('removesuffix', args);
    return suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
  },
  replace: (text, args) => {
    const [old, by, count = -1n] = parameters('replace()', args, ['old', 'new', 'count']);
    if (old === undefined || by === undefined) {
      throw new TemplateError('replace() takes at least 2 arguments');
    }
    const times = Number(asInt(count, 'count'));
    return replace(text, asText(old, 'replace() argument 1'), asText(by, 'argument 2'), times);
  },
  join: (text, args) => {
    const [items = null] = parameters('join()', args, ['iterable']);
    const parts = iterate(items).map((item) => asText(item, 'an item of join()'));
    return parts.join(text);
  },
  find: (text, args) => findText(text, one('find', args), 'left'),
  rfind: (text, args) => findText(text, one('rfind', args), 'right'),
  index: (text, args) => found(findText(text, one('index', args), 'left')),
  rindex: (text, args) => found(findText(text, one('rindex', args), 'right')),
  count: (text, args) => {
    const part = one('count', args);
    return BigInt(part === '' ? lengthOf(text) + 1 : text.split(part).length - 1);
  },
  partition: (text, args) => parted(text, one('partition', args), 'left'),
  rpartition: (text, args) => parted(text, one('rpartition', args), 'right'),
  isspace: plain('isspace', isSpace),
  isalpha: plain('isalpha', (text) => /^\p{L}+$/u.test(text)),
  isalnum: plain('isalnum', (text) => /^[\p{L}\p{N}]+$/u.test(text)),
  isdecimal: plain('isdecimal', (text) => /^\p{Nd}+$/u.test(text)),
  isdigit: plain('isdigit', (text) => {
    if (/\p{No}/u.test(text)) throw new UnsupportedError('isdigit() of digits such as ²');
    return /^\p{Nd}+$/u.test(text);
  }),
  isupper: plain('isupper', isUpper),
  islower: plain('islower', isLower),
};

/** Those of Python's str that are not. */
const missing = new Set([
  ...['casefold', 'center', 'encode', 'expandtabs', 'format', 'format_map', 'isascii'],
  ...['isidentifier', 'isnumeric', 'isprintable', 'istitle', 'ljust', 'maketrans', 'rjust'],
  ...['swapcase', 'translate', 'zfill'],
]);

/**
 * The method `name` of a text, or undefined where Python's str has none. Throws an UnsupportedError
 * for those that are not carried out here.
 */
export function textMethod(name: string): TextMethod | undefined {
  if (missing.has(name)) throw new UnsupportedError(`the method ${name}() of text`);
  return Object.hasOwn(methods, name) ? methods[name] : undefined;
}

export function isUpper(text: string): boolean {
  return /\p{Uppercase}/u.test(text) && !/[\p{Lowercase}\p{Lt}]/u.test(text);
}

export function isLower(text: string): boolean {
  return /\p{Lowercase}/u.test(text) && !/[\p{Uppercase}\p{Lt}]/u.test(text);
}

/** A method without arguments. */
function plain(name: string, change: (text: string) => Value): TextMethod {
  return (text, args) => {
    parameters(`${name}()`, args, []);
    return change(text);
  };
}

/** The one argument of a method that needs a text. */
function one(name: string, args: Arguments): string {
  if (args.positional.length > 1) {
    throw new UnsupportedError(`${name}() with a start or an end`);
  }
  const [text] = parameters(`${name}()`, args, ['text']);
  if (text === undefined) throw new TemplateError(`${name}() takes exactly one argument`);
  return asText(text, `the argument of ${name}()`);
}

function characters(name: string, args: Arguments): string | undefined {
  const [given = null] = parameters(`${name}()`, { ...args, named: new Map() }, ['chars']);
  if (args.named.size > 0) throw new TemplateError(`str.${name}() takes no keyword arguments`);
  return given === null ? undefined : asText(given, `the argument of ${name}()`);
}

function splitting(name: string, args: Arguments): [string | undefined, number] {
  const [separator = null, most = -1n] = parameters(`${name}()`, args, ['sep', 'maxsplit']);
  return [
    separator === null ? undefined : asText(separator, 'sep'),
    Number(asInt(most, 'maxsplit')),
  ];
}

/** What startswith and endswith look for: a text, or one of a tuple. */
function affixes(name: string, args: Arguments): string[] {
  const [first] = args.positional;
  if (args.positional.length === 1 && first instanceof Sequence && first.kind === 'tuple') {
    return first.items.map((item) => asText(item, `tuple for ${name}`));
  }
  return [one(name, args)];
}

function found(place: bigint): bigint {
  if (place < 0n) throw new TemplateError('substring not found');
  return place;
}

function parted(text: string, separator: string, from: 'left' | 'right'): Sequence {
  if (separator === '') throw new TemplateError('empty separator');
  const at = from === 'left' ? text.indexOf(separator) : text.lastIndexOf(separator);
  const whole = from === 'left' ? [text, '', ''] : ['', '', text];
  if (at < 0) return new Sequence('tuple', whole);
  const rest = text.slice(at + separator.length);
  return new Sequence('tuple', [text.slice(0, at), separator, rest]);
}
