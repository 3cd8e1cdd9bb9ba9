import { applyOperator, isIn } from './operators.ts';
import { str } from './printing.ts';
import { isLower, isUpper } from './text-methods.ts';
import type { Arguments, Value } from './values.ts';
import {
  Callable,
  isEqual,
  parameters,
  Sequence,
  Stream,
  TemplateError,
  Undefined,
  UnsupportedError,
} from './values.ts';

type Test = (value: Value, args: Arguments) => boolean;

const compared =
  (operator: string): Test =>
  (value, args) =>
    applyOperator(operator, value, argument(operator, args)) === true;
const equal: Test = (value, args) => isEqual(value, argument('equalto', args));
const greater = compared('>');
const less = compared('<');

/** Jinja's tests that are carried out here. */
const tests: Readonly<Record<string, Test>> = {
  defined: (value) => !(value instanceof Undefined),
  undefined: (value) => value instanceof Undefined,
  none: (value) => value === null,
  true: (value) => value === true,
  false: (value) => value === false,
  boolean: (value) => typeof value === 'boolean',
  integer: (value) => typeof value === 'bigint',
  float: (value) => typeof value === 'number',
  number: (value) => ['bigint', 'number', 'boolean'].includes(typeof value),
  string: (value) => typeof value === 'string',
  mapping: (value) => value instanceof Map,
  iterable: (value) => isIterable(value),
  sequence: (value) => isIterable(value) && !(value instanceof Stream || isView(value)),
  callable: (value) => value instanceof Callable || value instanceof Undefined,
  upper: (value) => isUpper(str(value)),
  lower: (value) => isLower(str(value)),
  odd: (value) => isEqual(applyOperator('%', value, 2n), 1n),
  even: (value) => isEqual(applyOperator('%', value, 2n), 0n),
  divisibleby: (value, args) =>
    isEqual(applyOperator('%', value, argument('divisibleby', args)), 0n),
  in: (value, args) => isIn(value, argument('in', args)),
  sameas: (value, args) => {
    const other = argument('sameas', args);
    if (typeof value === 'boolean' || value === null) return value === other;
    throw new UnsupportedError('the test sameas of other values than none, true and false');
  },
  '==': equal,
  eq: equal,
  equalto: equal,
  '!=': (value, args) => !equal(value, args),
  ne: (value, args) => !equal(value, args),
  '>': greater,
  gt: greater,
  greaterthan: greater,
  '<': less,
  lt: less,
  lessthan: less,
  '>=': compared('>='),
  ge: compared('>='),
  '<=': compared('<='),
  le: compared('<='),
};

/** Whether `value is name(args)`. Throws an UnsupportedError for a test that is not carried out here. */
export function runTest(name: string, value: Value, args: Arguments): boolean {
  const test = Object.hasOwn(tests, name) ? tests[name] : undefined;
  if (test === undefined) throw new UnsupportedError(`the test '${name}'`);
  return test(value, args);
}

function argument(name: string, args: Arguments): Value {
  const [other] = parameters(`the test ${name}`, args, ['other']);
  if (other === undefined) throw new TemplateError(`the test ${name} needs an argument`);
  return other;
}

function isIterable(value: Value): boolean {
  if (typeof value === 'string' || value instanceof Map || value instanceof Sequence) return true;
  return value instanceof Undefined || value instanceof Stream;
}

function isView(value: Value): boolean {
  return value instanceof Sequence && value.kind === 'view';
}
