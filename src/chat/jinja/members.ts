import type { SliceBounds } from './python-text.ts';
import { placeOf, slice } from './python-text.ts';
import { textMethod } from './text-methods.ts';
import type { Arguments, Dict, Value } from './values.ts';
import {
  asNumber,
  asText,
  Attributes,
  Callable,
  characters,
  isEqual,
  parameters,
  requireDefined,
  Sequence,
  TemplateError,
  typeName,
  Undefined,
  UnsupportedError,
} from './values.ts';

type Method<Owner> = (owner: Owner, args: Arguments) => Value;

const dictMethods: Readonly<Record<string, Method<Dict>>> = {
  get: (dict, args) => {
    const [key, standard = null] = parameters('get()', args, ['key', 'default']);
    if (key === undefined) throw new TemplateError('get expected at least 1 argument, got 0');
    const value = typeof key === 'string' ? dict.get(key) : undefined;
    return value === undefined ? standard : value;
  },
  items: (dict) => new Sequence('view', dictItems(dict)),
  keys: (dict) => new Sequence('view', [...dict.keys()]),
  values: (dict) => new Sequence('view', [...dict.values()]),
};

const listMethods: Readonly<Record<string, Method<Sequence>>> = {
  index: ({ items }, args) => {
    const [wanted = null] = parameters('index()', args, ['value']);
    const at = items.findIndex((item) => isEqual(item, wanted));
    if (at < 0) throw new TemplateError('the value is not in list');
    return BigInt(at);
  },
  count: ({ items }, args) => {
    const [wanted = null] = parameters('count()', args, ['value']);
    return BigInt(items.filter((item) => isEqual(item, wanted)).length);
  },
};

/** Attributes that Python's types have and that are not carried out here. */
const missing: Readonly<Record<string, ReadonlySet<string>>> = {
  dict: new Set(['clear', 'copy', 'fromkeys', 'pop', 'popitem', 'setdefault', 'update']),
  list: new Set([
    'append',
    'clear',
    'copy',
    'extend',
    'insert',
    'pop',
    'remove',
    'reverse',
    'sort',
  ]),
  range: new Set(['start', 'stop', 'step']),
  dict_items: new Set(['isdisjoint', 'mapping']),
  function: new Set([
    'name',
    'arguments',
    'catch_kwargs',
    'catch_varargs',
    'caller',
    'explicit_caller',
  ]),
  generator: new Set(['send', 'throw', 'close']),
  int: new Set([
    'real',
    'imag',
    'numerator',
    'denominator',
    'bit_length',
    'conjugate',
    'is_integer',
  ]),
  bool: new Set([
    'real',
    'imag',
    'numerator',
    'denominator',
    'bit_length',
    'conjugate',
    'is_integer',
  ]),
  float: new Set(['real', 'imag', 'conjugate', 'is_integer', 'hex', 'as_integer_ratio']),
};

/** The pairs of key and value. */
export function dictItems(dict: Dict): Sequence[] {
  return [...dict].map((pair) => new Sequence('tuple', pair));
}

/** `owner.name`: Python's attribute before the item, so that `x.items` is the method of a dict. */
export function attributeOf(owner: Value, name: string): Value {
  const own = attribute(requireDefined(owner), name);
  const value = own === undefined ? ownItem(owner, name) : own;
  return value === undefined ? absent(owner, name) : value;
}

/** `owner[key]`: the item before the attribute. */
export function itemOf(owner: Value, key: Value): Value {
  const defined = requireDefined(owner);
  if (typeof key === 'string') {
    const item = ownItem(owner, key);
    const value = item === undefined ? attribute(defined, key) : item;
    return value === undefined ? absent(owner, key) : value;
  }
  const index = asNumber(key);
  if (typeof index !== 'bigint') return absent(owner, typeName(key));
  if (typeof owner === 'string') {
    const all = characters(owner);
    const place = placeOf(index, all.length);
    return place === undefined ? absent(owner, index) : (all[place] ?? null);
  }
  if (owner instanceof Sequence && owner.kind !== 'view') {
    const place = placeOf(index, owner.items.length);
    return place === undefined ? absent(owner, index) : (owner.items[place] ?? null);
  }
  return absent(owner, index);
}

/** `owner[start:stop:step]`, of a text, a list, a tuple or a range. */
export function sliceOf(owner: Value, bounds: SliceBounds): Value {
  if (typeof owner === 'string') return slice(characters(owner), bounds).join('');
  if (owner instanceof Sequence && owner.kind !== 'view') {
    return new Sequence(owner.kind, slice(owner.items, bounds));
  }
  // Python refuses it too, but for constants, of which Jinja makes an empty text.
  throw new UnsupportedError(`a slice of a ${typeName(requireDefined(owner))}`);
}

/** What filters take for `attribute`: names and numbers with dots between them. */
export function attributePath(owner: Value, path: Value): Value {
  if (typeof path === 'bigint') return itemOf(owner, path);
  return asText(path, 'attribute')
    .split('.')
    .reduce((value, part) => itemOf(value, /^\d+$/.test(part) ? BigInt(part) : part), owner);
}

function attribute(owner: Exclude<Value, Undefined>, name: string): Value | undefined {
  if (name.startsWith('__')) throw new UnsupportedError(`the attribute ${name}`);
  if (missing[typeName(owner)]?.has(name) === true) {
    throw new UnsupportedError(`the attribute ${name} of a ${typeName(owner)}`);
  }
  if (owner instanceof Attributes) return owner.values.get(name);
  if (typeof owner === 'string') {
    const method = textMethod(name);
    return method && new Callable(name, (args) => method(owner, args));
  }
  if (owner instanceof Map) return bound(owner, name, dictMethods);
  const isIndexed = owner instanceof Sequence && owner.kind !== 'view';
  return isIndexed ? bound(owner, name, listMethods) : undefined;
}

function bound<Owner>(
  owner: Owner,
  name: string,
  methods: Readonly<Record<string, Method<Owner>>>,
): Callable | undefined {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  return method && new Callable(name, (args) => method(owner, args));
}

function ownItem(owner: Value, key: string): Value | undefined {
  return owner instanceof Map ? owner.get(key) : undefined;
}

function absent(owner: Value, key: string | bigint): Undefined {
  return new Undefined(`'${typeName(owner)} object' has no attribute '${key}'`);
}
