/** What a template does that Python's Jinja refuses as well; its message is for the user. */
export class TemplateError extends Error {}

/** What Jinja has and is not carried out here; `construct` names it. */
export class UnsupportedError extends Error {
  constructor(construct: string, cause?: string) {
    super(`${construct} is not carried out here${cause === undefined ? '' : ` (${cause})`}`);
  }
}

/**
 * A value as Python has it: `bigint` is an int, `number` a float, a `Map` a dict, null None. The
 * difference shows where values are printed, divided and compared.
 */
export type Value =
  | string
  | bigint
  | number
  | boolean
  | null
  | Undefined
  | Sequence
  | Dict
  | Stream
  | Attributes
  | Callable;
/** Keys are text: JSON has no others, and templates with others are refused. */
export type Dict = Map<string, Value>;

/** A name, attribute or item that is not there: empty where it is printed, an error where it is used. */
export class Undefined {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** A list, a tuple, a range, or the view that `dict.items()` gives. */
export class Sequence {
  readonly kind: 'list' | 'tuple' | 'range' | 'view';
  readonly items: readonly Value[];
  constructor(kind: Sequence['kind'], items: readonly Value[]) {
    this.kind = kind;
    this.items = items;
  }
}

export function list(items: readonly Value[]): Sequence {
  return new Sequence('list', items);
}

/** A generator: what filters such as `map` give. It yields its values once. */
export class Stream {
  readonly #make: () => readonly Value[];
  #left: Value[] | undefined;
  constructor(make: () => readonly Value[]) {
    this.#make = make;
  }

  /** Takes the next `count` values, or fewer where it ends. */
  take(count = Infinity): Value[] {
    this.#left ??= [...this.#make()];
    return this.#left.splice(0, count);
  }
}

/** What has attributes by name: a namespace, whose attributes are set, or a loop. */
export class Attributes {
  readonly what: 'namespace' | 'loop';
  readonly values: Dict;
  constructor(what: Attributes['what'], values: Dict) {
    this.what = what;
    this.values = values;
  }
}

/** The arguments of a call or a filter. */
export interface Arguments {
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

/** A function, a method or a macro. */
export class Callable {
  readonly name: string;
  readonly call: (args: Arguments) => Value;
  constructor(name: string, call: (args: Arguments) => Value) {
    this.name = name;
    this.call = call;
  }
}

/**
 * The arguments in the order of `names`, whether given by place or by name; undefined where left out.
 * Throws a TemplateError for one too many and for one of another name.
 */
export function parameters(
  what: string,
  { positional, named }: Arguments,
  names: readonly string[],
): (Value | undefined)[] {
  if (positional.length > names.length) {
    throw new TemplateError(`${what} takes at most ${names.length} arguments`);
  }
  // Also a name whose argument stands in its place already.
  const strange = [...named.keys()].find((name) => names.indexOf(name) < positional.length);
  if (strange !== undefined) throw new TemplateError(`${what} takes no argument '${strange}'`);
  return names.map((name, i) => (i < positional.length ? positional[i] : named.get(name)));
}

/** A text's code points, which are the characters of Python. */
export function characters(text: string): string[] {
  return Array.from(text);
}

/** The type's name in Python. */
export function typeName(value: Value): string {
  if (value === null) return 'NoneType';
  if (value instanceof Sequence) return value.kind === 'view' ? 'dict_items' : value.kind;
  if (value instanceof Map) return 'dict';
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof Stream) return 'generator';
  if (value instanceof Attributes) return value.what;
  if (value instanceof Callable) return 'function';
  const names = { string: 'str', bigint: 'int', number: 'float', boolean: 'bool' } as const;
  return names[typeof value as keyof typeof names];
}

export function isTrue(value: Value): boolean {
  if (value instanceof Sequence) return value.items.length > 0;
  if (value instanceof Map) return value.size > 0;
  if (value instanceof Undefined || value === null) return false;
  if (typeof value === 'number') return value !== 0;
  return value !== '' && value !== 0n && value !== false;
}

/** Throws where the value is used though it is not there. */
export function requireDefined(value: Value): Exclude<Value, Undefined> {
  if (value instanceof Undefined) throw new TemplateError(value.message);
  return value;
}

/** The values that a loop runs over. Takes all of a generator. */
export function iterate(value: Value): readonly Value[] {
  if (typeof value === 'string') return characters(value);
  if (value instanceof Sequence) return value.items;
  if (value instanceof Map) return [...value.keys()];
  if (value instanceof Undefined) return [];
  if (value instanceof Stream) return value.take();
  throw new TemplateError(`'${typeName(value)}' object is not iterable`);
}

/** Throws for what has no length, as a generator. */
export function lengthOf(value: Value): number {
  if (typeof value === 'string') return characters(value).length;
  if (value instanceof Sequence) return value.items.length;
  if (value instanceof Map) return value.size;
  if (value instanceof Undefined) return 0;
  throw new TemplateError(`object of type '${typeName(value)}' has no len()`);
}

/** A bool counts as 0 or 1. Undefined for what is no number. */
export function asNumber(value: Value): bigint | number | undefined {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  return typeof value === 'bigint' || typeof value === 'number' ? value : undefined;
}

/** An int, also where a place in a text or a list is meant. Throws for other types. */
export function asInt(value: Value, what: string): bigint {
  const int = asNumber(requireDefined(value));
  if (typeof int === 'bigint') return int;
  throw new TemplateError(`${what} must be an integer, not ${typeName(value)}`);
}

export function asText(value: Value, what: string): string {
  if (typeof value === 'string') return value;
  throw new TemplateError(`${what} must be str, not ${typeName(requireDefined(value))}`);
}

/** Python's `==`. */
export function isEqual(a: Value, b: Value): boolean {
  const [x, y] = [asNumber(a), asNumber(b)];
  // Between an int and a float `===` is false, and `==` exact.
  // eslint-disable-next-line eqeqeq
  if (x !== undefined && y !== undefined) return x == y;
  if (a instanceof Undefined && b instanceof Undefined) return true;
  if (a instanceof Sequence && b instanceof Sequence) {
    if (a.kind !== b.kind || a.items.length !== b.items.length) return false;
    return a.items.every((item, i) => isEqual(item, b.items[i] ?? null));
  }
  if (a instanceof Map && b instanceof Map) {
    if (a.size !== b.size) return false;
    return [...a].every(([key, value]) => b.has(key) && isEqual(value, b.get(key) ?? null));
  }
  return a === b;
}

/** Below 0 where `a` comes before `b`. Throws for values that Python does not order. */
export function compare(a: Value, b: Value): number {
  const [x, y] = [asNumber(requireDefined(a)), asNumber(requireDefined(b))];
  if (x !== undefined && y !== undefined) return x < y ? -1 : x > y ? 1 : x >= y ? 0 : NaN;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (a instanceof Sequence && b instanceof Sequence && a.kind === b.kind) {
    const isDifferent = (item: Value, i: number): boolean => {
      const other = b.items[i];
      return other === undefined || !isEqual(item, other);
    };
    const at = a.items.findIndex(isDifferent);
    const [left, right] = [a.items[at], b.items[at]];
    if (left === undefined || right === undefined) return a.items.length - b.items.length;
    return compare(left, right);
  }
  const types = `'${typeName(a)}' and '${typeName(b)}'`;
  throw new TemplateError(`'<' not supported between instances of ${types}`);
}

/** By code points, as Python; JavaScript compares UTF-16. */
export function compareText(a: string, b: string): number {
  const [left, right] = [characters(a), characters(b)];
  const at = left.findIndex((character, i) => character !== right[i]);
  const [x, y] = [left[at]?.codePointAt(0), right[at]?.codePointAt(0)];
  return x === undefined || y === undefined ? left.length - right.length : x - y;
}

/** A JSON value as Python reads it; a whole number is an int. Keys with the value undefined are left out. */
export function fromJson(input: unknown): Value {
  if (input === null || typeof input === 'string' || typeof input === 'boolean') return input;
  if (typeof input === 'number') {
    if (!Number.isInteger(input)) return input;
    if (Number.isSafeInteger(input)) return BigInt(input);
    throw new UnsupportedError(`a whole number as large as ${input}`);
  }
  if (Array.isArray(input)) return list(input.map(fromJson));
  if (typeof input === 'object') {
    const entries = Object.entries(input).filter(([, value]) => value !== undefined);
    return new Map(entries.map(([key, value]) => [key, fromJson(value)]));
  }
  throw new UnsupportedError(`a variable of the type ${typeof input}`);
}
