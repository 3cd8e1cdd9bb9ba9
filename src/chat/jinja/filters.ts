import { attributePath, dictItems } from './members.ts';
import { applyOperator } from './operators.ts';
import { str, toJson } from './printing.ts';
import { capitalize, replace, splitLines, strip, titleWords } from './python-text.ts';
import { runTest } from './tests.ts';
import type { Arguments, Value } from './values.ts';
import {
  asInt,
  asNumber,
  asText,
  characters,
  compare,
  isEqual,
  isTrue,
  iterate,
  lengthOf,
  list,
  parameters,
  requireDefined,
  Sequence,
  Stream,
  TemplateError,
  typeName,
  Undefined,
  UnsupportedError,
} from './values.ts';

type Filter = (value: Value, args: Arguments) => Value;

/** Filters of texts. */
const textFilters: Readonly<Record<string, Filter>> = {
  trim: (value, args) => {
    const [taken = null] = parameters('trim', args, ['chars']);
    return strip(str(value), 'both', taken === null ? undefined : asText(taken, 'chars'));
  },
  upper: (value) => str(value).toUpperCase(),
  lower: (value) => str(value).toLowerCase(),
  title: (value) => titleWords(str(value)),
  capitalize: (value) => capitalize(str(value)),
  string: (value) => str(value),
  replace: (value, args) => {
    const [old, by, count = null] = parameters('replace', args, ['old', 'new', 'count']);
    if (old === undefined || by === undefined) throw new TemplateError('replace needs two texts');
    const times = count === null ? -1 : Number(asInt(count, 'count'));
    return replace(str(value), str(old), str(by), times);
  },
  indent: (value, args) => {
    const names = ['width', 'first', 'blank'];
    const [width = 4n, first = false, blank = false] = parameters('indent', args, names);
    const by = typeof width === 'string' ? width : ' '.repeat(Number(asInt(width, 'width')));
    const lines = splitLines(`${asText(value, 'what is indented')}\n`);
    const rest = lines.slice(1).map((line) => (line === '' && !isTrue(blank) ? line : by + line));
    return (isTrue(first) ? by : '') + [lines[0] ?? '', ...rest].join('\n');
  },
  tojson: (value, args) => {
    const names = ['ensure_ascii', 'indent', 'separators', 'sort_keys'];
    const [ascii = false, indent = null, separators = null, sort = false] = parameters(
      'tojson',
      args,
      names,
    );
    const pair = separators === null ? undefined : iterate(separators);
    if (pair !== undefined && pair.length !== 2) throw new TemplateError('separators are two');
    return toJson(value, {
      ensureAscii: isTrue(ascii),
      indent: indentation(indent),
      itemSeparator: asText(pair?.[0] ?? (indent === null ? ', ' : ','), 'a separator'),
      keySeparator: asText(pair?.[1] ?? ': ', 'a separator'),
      sortKeys: isTrue(sort),
    });
  },
};

/** Filters that give one value of a sequence, or a number. */
const valueFilters: Readonly<Record<string, Filter>> = {
  default: (value, args) => {
    const names = ['default_value', 'boolean'];
    const [standard = '', boolean = false] = parameters('default', args, names);
    return value instanceof Undefined || (isTrue(boolean) && !isTrue(value)) ? standard : value;
  },
  length: (value) => BigInt(lengthOf(value)),
  first: (value) => {
    const [first = new Undefined('No first item, sequence was empty.')] =
      value instanceof Stream ? value.take(1) : iterate(value);
    return first;
  },
  last: (value) => {
    if (value instanceof Stream) throw new TemplateError("'generator' object is not reversible");
    const [last = new Undefined('No last item, sequence was empty.')] = iterate(value).slice(-1);
    return last;
  },
  join: (value, args) => {
    const [separator = '', attribute] = parameters('join', args, ['d', 'attribute']);
    return iterate(value).map(attributeReader(attribute)).map(str).join(str(separator));
  },
  int: (value, args) => {
    const [standard = 0n, base = 10n] = parameters('int', args, ['default', 'base']);
    if (base !== 10n) throw new UnsupportedError('the filter int with a base');
    return toInt(requireDefined(value)) ?? standard;
  },
  float: (value, args) => {
    const [standard = 0] = parameters('float', args, ['default']);
    return toFloat(requireDefined(value)) ?? standard;
  },
  abs: (value) => {
    const number = asNumber(requireDefined(value));
    if (number === undefined)
      throw new TemplateError(`bad operand type for abs(): ${typeName(value)}`);
    return typeof number === 'number' ? Math.abs(number) : number < 0n ? -number : number;
  },
  sum: (value, args) => {
    const [attribute, start = 0n] = parameters('sum', args, ['attribute', 'start']);
    const items = iterate(value).map(attributeReader(attribute));
    return items.reduce((sum, item) => applyOperator('+', sum, item), start);
  },
  max: (value, args) => extreme(value, args, (order) => order > 0),
  min: (value, args) => extreme(value, args, (order) => order < 0),
};

/** Filters that give sequences. Those that are generators in Python yield their values once here too. */
const sequenceFilters: Readonly<Record<string, Filter>> = {
  list: (value) => list(iterate(value)),
  items: (value) => {
    return new Stream(() => {
      if (value instanceof Undefined) return [];
      if (value instanceof Map) return dictItems(value);
      throw new TemplateError('Can only get item pairs from a mapping.');
    });
  },
  dictsort: (value, args) => {
    const names = ['case_sensitive', 'by', 'reverse'];
    const [isSensitive = false, by = 'key', reverse = false] = parameters('dictsort', args, names);
    if (by !== 'key' && by !== 'value') throw new TemplateError("by is 'key' or 'value'");
    if (!(value instanceof Map)) throw new TemplateError('dictsort needs a mapping');
    const key = sortKey(isTrue(isSensitive));
    const keyed = dictItems(value).map((pair): [Value, Value] => [
      key(pair.items[by === 'key' ? 0 : 1] ?? null),
      pair,
    ]);
    return list(sorted(keyed, isTrue(reverse)));
  },
  sort: (value, args) => {
    const names = ['reverse', 'case_sensitive', 'attribute'];
    const [reverse = false, isSensitive = false, attribute] = parameters('sort', args, names);
    if (typeof attribute === 'string' && attribute.includes(',')) {
      throw new UnsupportedError('the filter sort by several attributes');
    }
    const [read, key] = [attributeReader(attribute), sortKey(isTrue(isSensitive))];
    // Jinja sorts by lists of keys: in lists Python takes equal values together without ordering them.
    const keyed = iterate(value).map((item): [Value, Value] => [list([key(read(item))]), item]);
    return list(sorted(keyed, isTrue(reverse)));
  },
  reverse: (value) => {
    if (typeof value === 'string') return characters(value).reverse().join('');
    const items = [...iterate(value)].reverse();
    return value instanceof Stream ? list(items) : new Stream(() => items);
  },
  unique: (value, args) => {
    const names = ['case_sensitive', 'attribute'];
    const [isSensitive = false, attribute] = parameters('unique', args, names);
    const [read, key] = [attributeReader(attribute), sortKey(isTrue(isSensitive))];
    return new Stream(() => {
      const seen: Value[] = [];
      return iterate(value).filter((item) => {
        const own = key(read(item));
        if (own instanceof Map || (own instanceof Sequence && own.kind !== 'tuple')) {
          throw new TemplateError(`unhashable type: '${typeName(own)}'`);
        }
        if (seen.some((other) => isEqual(other, own))) return false;
        seen.push(own);
        return true;
      });
    });
  },
  batch: (value, args) => {
    const [count, fill = null] = parameters('batch', args, ['linecount', 'fill_with']);
    const size = Number(asInt(count ?? null, 'linecount'));
    if (size < 1) throw new UnsupportedError(`the filter batch of ${size}`);
    return new Stream(() => {
      const items = [...iterate(value)];
      while (fill !== null && items.length % size !== 0) items.push(fill);
      const starts = Array.from({ length: Math.ceil(items.length / size) }, (_, i) => i * size);
      return starts.map((start) => list(items.slice(start, start + size)));
    });
  },
  map: (value, args) => new Stream(() => (isTrue(value) ? iterate(value).map(mapping(args)) : [])),
  select: (value, args) => chosen(value, testing(args), true),
  reject: (value, args) => chosen(value, testing(args), false),
  selectattr: (value, args) => chosen(value, attributeTesting(args), true),
  rejectattr: (value, args) => chosen(value, attributeTesting(args), false),
};

const filters: Readonly<Record<string, Filter>> = {
  ...textFilters,
  ...valueFilters,
  ...sequenceFilters,
};
const aliases: Readonly<Record<string, string>> = { d: 'default', count: 'length' };

/** What `value | name(args)` gives. Throws an UnsupportedError for a filter that is not carried out here. */
export function applyFilter(name: string, value: Value, args: Arguments): Value {
  const own = Object.hasOwn(aliases, name) ? (aliases[name] ?? name) : name;
  const filter = Object.hasOwn(filters, own) ? filters[own] : undefined;
  if (filter === undefined) throw new UnsupportedError(`the filter '${name}'`);
  return filter(value, args);
}

function attributeReader(attribute: Value | undefined): (item: Value) => Value {
  if (attribute === undefined || attribute === null) return (item) => item;
  return (item) => attributePath(item, attribute);
}

/** What `map` does with each value: reads an attribute, or applies a filter. */
function mapping({ positional, named }: Arguments): (item: Value) => Value {
  const [name, ...rest] = positional;
  if (name !== undefined) {
    const args = { positional: rest, named };
    return (item) => applyFilter(asText(name, 'the name of a filter'), item, args);
  }
  const attribute = named.get('attribute');
  const strange = [...named.keys()].find((key) => key !== 'attribute' && key !== 'default');
  if (attribute === undefined || strange !== undefined) {
    throw new TemplateError('map needs a filter or an attribute');
  }
  const standard = named.get('default');
  return (item) => {
    const value = attributePath(item, attribute);
    return value instanceof Undefined && standard !== undefined ? standard : value;
  };
}

function testing({ positional, named }: Arguments): (item: Value) => boolean {
  const [name, ...rest] = positional;
  if (name === undefined) return isTrue;
  const args = { positional: rest, named };
  return (item) => runTest(asText(name, 'the name of a test'), item, args);
}

function attributeTesting({ positional, named }: Arguments): (item: Value) => boolean {
  const [attribute, ...rest] = positional;
  if (attribute === undefined) throw new TemplateError('Missing parameter for attribute name');
  const passes = testing({ positional: rest, named });
  return (item) => passes(attributePath(item, attribute));
}

function chosen(value: Value, passes: (item: Value) => boolean, wanted: boolean): Stream {
  return new Stream(() =>
    isTrue(value) ? iterate(value).filter((item) => passes(item) === wanted) : [],
  );
}

/** Texts are compared in lower case unless the filter is told otherwise. */
function sortKey(isSensitive: boolean): (value: Value) => Value {
  return (value) => (typeof value === 'string' && !isSensitive ? value.toLowerCase() : value);
}

/** The second of each pair in the order of the first; equal ones keep theirs, also in reverse. */
function sorted(keyed: readonly (readonly [Value, Value])[], reverse: boolean): Value[] {
  const order = keyed.toSorted(([a], [b]) => (reverse ? compare(b, a) : compare(a, b)));
  return order.map(([, value]) => value);
}

function extreme(value: Value, args: Arguments, isBetter: (order: number) => boolean): Value {
  const [isSensitive = false, attribute] = parameters('min and max', args, [
    'case_sensitive',
    'attribute',
  ]);
  const [read, key] = [attributeReader(attribute), sortKey(isTrue(isSensitive))];
  const [first, ...rest] = iterate(value);
  if (first === undefined) return new Undefined('No aggregated item, sequence was empty.');
  return rest.reduce(
    (best, item) => (isBetter(compare(key(read(item)), key(read(best)))) ? item : best),
    first,
  );
}

/** Python's `int()`, then that of its `float()`; undefined where both refuse. */
function toInt(value: Value): bigint | undefined {
  const number = asNumber(value);
  if (typeof number === 'bigint') return number;
  if (typeof value === 'string' && isInt.test(plainNumber(value))) {
    return BigInt(plainNumber(value).replaceAll(/[_+]/g, ''));
  }
  const float = toFloat(value);
  return float === undefined || !Number.isFinite(float) ? undefined : BigInt(Math.trunc(float));
}

const isInt = /^[-+]?\d+(_\d+)*$/;
const isFloat = /^[-+]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[-+]?\d+(_\d+)*)?$/i;
const isSpecial = /^([-+]?)(inf|infinity|nan)$/i;

/** Python's `float()`; undefined where it refuses. */
function toFloat(value: Value): number | undefined {
  const number = asNumber(value);
  if (number !== undefined) return Number(number);
  if (typeof value !== 'string') return undefined;
  const text = plainNumber(value);
  if (isFloat.test(text)) return Number(text.replaceAll('_', ''));
  const [, sign, word] = isSpecial.exec(text) ?? [];
  if (word === undefined) return undefined;
  if (word.toLowerCase() === 'nan') return NaN;
  return sign === '-' ? -Infinity : Infinity;
}

function plainNumber(text: string): string {
  if (/[^\P{Nd}0-9]/u.test(text))
    throw new UnsupportedError('a number in other digits than 0 to 9');
  return strip(text, 'both');
}

function indentation(indent: Value): string | undefined {
  if (indent === null) return undefined;
  if (typeof indent === 'string') return indent;
  return ' '.repeat(Math.max(0, Number(asInt(indent, 'indent'))));
}
