import { str } from './printing.ts';
import type { Value } from './values.ts';
import {
  asNumber,
  asText,
  compare,
  isEqual,
  iterate,
  requireDefined,
  Sequence,
  TemplateError,
  typeName,
  UnsupportedError,
} from './values.ts';

type Operator = (a: Value, b: Value) => Value;

/** Of two ints or two floats: the same arithmetic for both kinds. */
interface Arithmetic {
  readonly ofInts: (a: bigint, b: bigint) => Value;
  readonly ofFloats: (a: number, b: number) => Value;
}

const largestPower = 4096n;

const arithmetic: Readonly<Record<'+' | '-' | '*' | '/' | '//' | '%' | '**', Arithmetic>> = {
  '+': { ofInts: (a, b) => a + b, ofFloats: (a, b) => a + b },
  '-': { ofInts: (a, b) => a - b, ofFloats: (a, b) => a - b },
  '*': { ofInts: (a, b) => a * b, ofFloats: (a, b) => a * b },
  '/': { ofInts: (a, b) => Number(a) / Number(b), ofFloats: (a, b) => a / b },
  '//': {
    ofInts: (a, b) => a / b - (a % b !== 0n && a < 0n !== b < 0n ? 1n : 0n),
    ofFloats: (a, b) => floorDivision(a, b),
  },
  '%': {
    ofInts: (a, b) => ((a % b) + b) % b,
    ofFloats: (a, b) => modulo(a, b),
  },
  '**': {
    ofInts: (a, b) => {
      if (b < 0n) return Number(a) ** Number(b);
      if (b > largestPower) throw new UnsupportedError(`a power with the exponent ${b}`);
      return a ** b;
    },
    ofFloats: (a, b) => a ** b,
  },
};

/** The sign is that of the divisor. */
function modulo(a: number, b: number): number {
  const rest = a % b;
  if (rest === 0) return Object.is(b, -0) || b < 0 ? -0 : 0;
  return rest < 0 !== b < 0 ? rest + b : rest;
}

/** As CPython rounds it: from the rest, not from the rounded quotient. */
function floorDivision(a: number, b: number): number {
  const rest = a % b;
  const signsDiffer = rest !== 0 && rest < 0 !== b < 0;
  const quotient = (a - rest) / b - (signsDiffer ? 1 : 0);
  if (quotient === 0) return a < 0 !== b < 0 ? -0 : 0;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

/** The binary operators that look at both sides. */
const operators: Readonly<Record<string, Operator>> = {
  '+': (a, b) => joined(a, b) ?? calculate('+', a, b),
  '-': (a, b) => calculate('-', a, b),
  '*': (a, b) => repeated(a, b) ?? repeated(b, a) ?? calculate('*', a, b),
  '/': (a, b) => calculate('/', a, b),
  '//': (a, b) => calculate('//', a, b),
  '%': (a, b) => {
    if (typeof a === 'string') throw new UnsupportedError('the operator % on text');
    return calculate('%', a, b);
  },
  '**': (a, b) => calculate('**', a, b),
  '~': (a, b) => str(a) + str(b),
  '==': isEqual,
  '!=': (a, b) => !isEqual(a, b),
  '<': (a, b) => compare(a, b) < 0,
  '>': (a, b) => compare(a, b) > 0,
  '<=': (a, b) => compare(a, b) <= 0,
  '>=': (a, b) => compare(a, b) >= 0,
  in: (a, b) => isIn(a, b),
  'not in': (a, b) => !isIn(a, b),
};

/** What `a operator b` gives in Python. Throws where Python does. */
export function applyOperator(operator: string, a: Value, b: Value): Value {
  const apply = operators[operator];
  if (apply === undefined) throw new UnsupportedError(`the operator ${operator}`);
  return apply(a, b);
}

export function negate(value: Value): Value {
  const number = asNumber(requireDefined(value));
  if (number !== undefined) return -number;
  throw new TemplateError(`bad operand type for unary -: '${typeName(value)}'`);
}

/** The unary `+`. */
export function plus(value: Value): Value {
  const number = asNumber(requireDefined(value));
  if (number !== undefined) return number;
  throw new TemplateError(`bad operand type for unary +: '${typeName(value)}'`);
}

/** Whether Python's `item in container` holds. */
export function isIn(item: Value, container: Value): boolean {
  if (typeof container === 'string') return container.includes(asText(item, 'left operand of in'));
  if (container instanceof Map) {
    if (item instanceof Map || (item instanceof Sequence && item.kind === 'list')) {
      throw new TemplateError(`unhashable type: '${typeName(item)}'`);
    }
    return typeof item === 'string' && container.has(item);
  }
  return iterate(container).some((inner) => isEqual(inner, item));
}

function calculate(operator: keyof typeof arithmetic, a: Value, b: Value): Value {
  const [x, y] = [asNumber(requireDefined(a)), asNumber(requireDefined(b))];
  if (x === undefined || y === undefined) {
    const types = `'${typeName(a)}' and '${typeName(b)}'`;
    throw new TemplateError(`unsupported operand type(s) for ${operator}: ${types}`);
  }
  const divides = operator === '/' || operator === '//' || operator === '%';
  const byZero = divides ? isEqual(y, 0n) : operator === '**' && isEqual(x, 0n) && y < 0;
  if (byZero) throw new TemplateError('division by zero');
  const { ofInts, ofFloats } = arithmetic[operator];
  if (typeof x === 'bigint' && typeof y === 'bigint') return ofInts(x, y);
  const result = ofFloats(Number(x), Number(y));
  const isExact = operator !== '**' || Number.isFinite(result) || !isFiniteFloat(x, y);
  if (!isExact) throw new UnsupportedError('a power that is too large or a complex number');
  return result;
}

function isFiniteFloat(...numbers: (bigint | number)[]): boolean {
  return numbers.every((number) => Number.isFinite(Number(number)));
}

/** Texts, lists or tuples one after the other. */
function joined(a: Value, b: Value): Value | undefined {
  if (typeof a === 'string' && typeof b === 'string') return a + b;
  if (!(a instanceof Sequence && b instanceof Sequence) || a.kind !== b.kind) return undefined;
  return a.kind === 'list' || a.kind === 'tuple'
    ? new Sequence(a.kind, [...a.items, ...b.items])
    : undefined;
}

/** A text, list or tuple several times. */
function repeated(value: Value, times: Value): Value | undefined {
  const count = asNumber(times);
  if (typeof count !== 'bigint') return undefined;
  const number = count < 0n ? 0 : Number(count);
  if (typeof value === 'string') return value.repeat(number);
  if (!(value instanceof Sequence) || value.kind === 'range' || value.kind === 'view') {
    return undefined;
  }
  const items = Array.from({ length: number }, () => value.items).flat();
  return new Sequence(value.kind, items);
}
