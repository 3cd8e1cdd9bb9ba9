import { applyFilter } from './filters.ts';
import { globals, requireKnownGlobal } from './globals.ts';
import { attributeOf, itemOf, sliceOf } from './members.ts';
import { applyOperator, negate, plus } from './operators.ts';
import { str } from './printing.ts';
import { generationBlock } from './source.ts';
import type {
  Argument,
  Expression,
  FilterUse,
  Node,
  Parameter,
  Slice,
  Statement,
} from './syntax.ts';
import { isBlock } from './syntax.ts';
import { runTest } from './tests.ts';
import type { Arguments, Dict, Value } from './values.ts';
import {
  Attributes,
  Callable,
  isTrue,
  iterate,
  list,
  requireDefined,
  Sequence,
  TemplateError,
  typeName,
  Undefined,
  UnsupportedError,
} from './values.ts';

/** How a block ended: by `break` or `continue`, or at its end. */
type Ending = 'break' | 'continue' | 'end';

/** Renders a parsed template with variables as Python has them. Throws a TemplateError. */
export function renderTemplate(
  statements: readonly Statement[],
  variables: ReadonlyMap<string, Value>,
): string {
  const root = new Scope(new Scope(undefined, globals), variables);
  return blockText(statements, root);
}

/** What a block of statements prints. */
function blockText(statements: readonly Statement[], scope: Scope): string {
  const printed: string[] = [];
  const ending = run(statements, scope, printed);
  if (ending !== 'end') throw new TemplateError(`'${ending}' outside loop`);
  return printed.join('');
}

function run(statements: readonly Statement[], scope: Scope, printed: string[]): Ending {
  for (const statement of statements) {
    const ending = runOne(statement, scope, printed);
    if (ending !== 'end') return ending;
  }
  return 'end';
}

function runOne(statement: Statement, scope: Scope, printed: string[]): Ending {
  if (!isBlock(statement)) {
    printed.push(str(evaluate(statement, scope)));
    return 'end';
  }
  switch (statement.type) {
    case 'If': {
      const isChosen = isTrue(evaluate(statement.test, scope));
      return run(isChosen ? statement.body : statement.alternate, scope, printed);
    }
    case 'For':
      runLoop(statement, scope, printed);
      break;
    case 'Break':
      return 'break';
    case 'Continue':
      return 'continue';
    case 'Set':
      assign(statement, scope);
      break;
    case 'Macro': {
      const { name, args, body } = statement;
      scope.set(name.value, new Callable(name.value, macro(name.value, args, body, scope)));
      break;
    }
    case 'CallStatement':
      printed.push(str(callBlock(statement, scope)));
      break;
    case 'FilterStatement':
      printed.push(filterBlock(statement, scope));
      break;
  }
  return 'end';
}

function filterBlock({ filter, body }: Node<'FilterStatement'>, scope: Scope): string {
  const text = blockText(body, new Scope(scope));
  const isGeneration = filter.type === 'Identifier' && filter.value === generationBlock;
  return isGeneration ? text : str(filtered(text, filter, scope));
}

function runLoop(loop: Node<'For'>, scope: Scope, printed: string[]): void {
  const items = loopItems(loop, scope);
  // As in Jinja, `else` is also carried out where no round came to its end.
  let isCompleted = false;
  for (const [i, item] of items.entries()) {
    const inner = new Scope(scope);
    unpack(loop.loopvar, item, inner);
    inner.set('loop', loopAttributes(items, i));
    const ending = run(loop.body, inner, printed);
    if (ending === 'break') break;
    if (ending === 'end') isCompleted = true;
  }
  if (!isCompleted) run(loop.defaultBlock, new Scope(scope), printed);
}

/** The values of a loop, without those that its condition leaves out. */
function loopItems({ iterable, loopvar }: Node<'For'>, scope: Scope): readonly Value[] {
  if (iterable.type !== 'SelectExpression') return iterate(evaluate(iterable, scope));
  return iterate(evaluate(iterable.lhs, scope)).filter((item) => {
    const inner = new Scope(scope);
    unpack(loopvar, item, inner);
    return isTrue(evaluate(iterable.test, inner));
  });
}

function loopAttributes(items: readonly Value[], at: number): Attributes {
  const count = items.length;
  const neighbour = (place: number, absent: string): Value =>
    place < 0 || place >= count ? new Undefined(absent) : (items[place] ?? null);
  const cycle = ({ positional }: Arguments): Value => {
    if (positional.length === 0) throw new TemplateError('no items for cycling given');
    return positional[at % positional.length] ?? null;
  };
  return new Attributes(
    'loop',
    new Map<string, Value>([
      ['index', BigInt(at + 1)],
      ['index0', BigInt(at)],
      ['revindex', BigInt(count - at)],
      ['revindex0', BigInt(count - at - 1)],
      ['first', at === 0],
      ['last', at === count - 1],
      ['length', BigInt(count)],
      ['previtem', neighbour(at - 1, 'there is no previous item')],
      ['nextitem', neighbour(at + 1, 'there is no next item')],
      ['depth', 1n],
      ['depth0', 0n],
      ['cycle', new Callable('cycle', cycle)],
      ['changed', new Callable('changed', () => unsupported('loop.changed()'))],
    ]),
  );
}

function assign({ assignee, value, body }: Node<'Set'>, scope: Scope): void {
  const given = value === null ? blockText(body, new Scope(scope)) : evaluate(value, scope);
  unpack(assignee, given, scope);
}

/** Gives a value to a name, to the names of a tuple, or to an attribute of a namespace. */
function unpack(target: Expression, value: Value, scope: Scope): void {
  if (target.type === 'Identifier' && !constants.has(target.value)) {
    scope.set(target.value, value);
  } else if (target.type === 'TupleLiteral') {
    const items = iterate(value);
    if (items.length !== target.value.length) {
      const which = items.length < target.value.length ? 'not enough' : 'too many';
      throw new TemplateError(`${which} values to unpack (expected ${target.value.length})`);
    }
    for (const [i, part] of target.value.entries()) unpack(part, items[i] ?? null, scope);
  } else if (target.type === 'MemberExpression' && target.property.type === 'Identifier') {
    const owner = evaluate(target.object, scope);
    if (!(owner instanceof Attributes) || owner.what !== 'namespace' || target.computed) {
      throw new TemplateError('cannot assign attribute on non-namespace object');
    }
    owner.values.set(target.property.value, value);
  } else {
    unsupported('{% set %} of something else than names and attributes');
  }
}

/** A macro sees the variables of the place where it stands, and its own. */
function macro(
  name: string,
  declared: readonly Parameter[],
  body: readonly Statement[],
  outer: Scope,
): (args: Arguments) => string {
  const names = declared.map((one) => (one.type === 'Identifier' ? one.value : one.key.value));
  const uses = (special: string): boolean => !names.includes(special) && mentions(body, special);
  return ({ positional, named }) => {
    const scope = new Scope(outer);
    const left = new Map(named);
    for (const [i, parameter] of declared.entries()) {
      const own = names[i] ?? '';
      const given = i < positional.length ? positional[i] : left.get(own);
      if (i >= positional.length) left.delete(own);
      scope.set(own, given === undefined ? defaultOf(parameter, own, scope) : given);
    }
    const more = positional.slice(declared.length);
    const caller = left.get('caller');
    if (caller !== undefined && uses('caller')) {
      scope.set('caller', caller);
      left.delete('caller');
    }
    if (uses('varargs')) scope.set('varargs', new Sequence('tuple', more));
    else if (more.length > 0) throw new TemplateError(`macro '${name}' takes fewer arguments`);
    if (uses('kwargs')) scope.set('kwargs', left);
    else if (left.size > 0) {
      const [strange = ''] = left.keys();
      throw new TemplateError(`macro '${name}' takes no keyword argument '${strange}'`);
    }
    return blockText(body, scope);
  };
}

function defaultOf(parameter: Parameter, name: string, scope: Scope): Value {
  if (parameter.type === 'KeywordArgumentExpression') return evaluate(parameter.value, scope);
  return new Undefined(`parameter '${name}' was not provided`);
}

/** Whether a name stands anywhere in a part of a template. */
function mentions(part: unknown, name: string): boolean {
  if (typeof part !== 'object' || part === null) return false;
  const { type, value } = part as { type?: unknown; value?: unknown };
  if (type === 'Identifier' && value === name) return true;
  const inner = part instanceof Map ? [...part.keys(), ...part.values()] : Object.values(part);
  return inner.some((piece) => mentions(piece, name));
}

function callBlock({ call, callerArgs, body }: Node<'CallStatement'>, scope: Scope): Value {
  const { positional, named } = readArguments(call.args, scope);
  const caller = new Callable('caller', macro('caller', callerArgs ?? [], body, scope));
  const callee = evaluate(call.callee, scope);
  return callValue(callee, { positional, named: new Map([...named, ['caller', caller]]) });
}

function filtered(value: Value, filter: FilterUse, scope: Scope): Value {
  if (filter.type === 'Identifier') return applyFilter(filter.value, value, noArguments);
  return applyFilter(filter.callee.value, value, readArguments(filter.args, scope));
}

const noArguments: Arguments = { positional: [], named: new Map() };

function readArguments(args: readonly Argument[], scope: Scope): Arguments {
  const positional: Value[] = [];
  const named: Dict = new Map();
  for (const arg of args) {
    if (arg.type === 'KeywordArgumentExpression') {
      named.set(arg.key.value, evaluate(arg.value, scope));
    } else if (arg.type === 'SpreadExpression') {
      positional.push(...iterate(evaluate(arg.argument, scope)));
    } else if (arg.type === 'KeywordSpreadExpression') {
      const more = evaluate(arg.argument, scope);
      if (!(more instanceof Map)) throw new TemplateError('argument after ** must be a mapping');
      for (const [key, value] of more) named.set(key, value);
    } else {
      positional.push(evaluate(arg, scope));
    }
  }
  return { positional, named };
}

function callValue(callee: Value, args: Arguments): Value {
  if (callee instanceof Callable) return callee.call(args);
  if (callee instanceof Attributes) unsupported(`the call of a ${callee.what}`);
  throw new TemplateError(`'${typeName(requireDefined(callee))}' object is not callable`);
}

function evaluate(node: Expression, scope: Scope): Value {
  switch (node.type) {
    case 'StringLiteral':
      return node.value;
    case 'IntegerLiteral':
      if (!Number.isSafeInteger(node.value))
        unsupported(`a whole number as large as ${node.value}`);
      return BigInt(node.value);
    case 'FloatLiteral':
      return node.value;
    case 'ArrayLiteral':
      return list(node.value.map((item) => evaluate(item, scope)));
    case 'TupleLiteral':
      return new Sequence(
        'tuple',
        node.value.map((item) => evaluate(item, scope)),
      );
    case 'ObjectLiteral':
      return objectOf(node, scope);
    case 'Identifier':
      return named(node.value, scope);
    case 'CallExpression':
      return callValue(evaluate(node.callee, scope), readArguments(node.args, scope));
    case 'MemberExpression':
      return member(node, scope);
    case 'BinaryExpression':
      return binary(node, scope);
    case 'UnaryExpression':
      return unary(node, scope);
    case 'FilterExpression':
      return filtered(evaluate(node.operand, scope), node.filter, scope);
    case 'TestExpression':
      return runTest(node.test.value, evaluate(node.operand, scope), noArguments) !== node.negate;
    case 'Ternary': {
      const isChosen = isTrue(evaluate(node.condition, scope));
      return evaluate(isChosen ? node.trueExpr : node.falseExpr, scope);
    }
    case 'SelectExpression':
      if (isTrue(evaluate(node.test, scope))) return evaluate(node.lhs, scope);
      return new Undefined('the inline if-expression has no else and its condition is false');
    default:
      return unsupported(`a ${(node as { type: string }).type}`);
  }
}

const constants: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...(['true', 'True'] as const).map((name): [string, Value] => [name, true]),
  ...(['false', 'False'] as const).map((name): [string, Value] => [name, false]),
  ...(['none', 'None'] as const).map((name): [string, Value] => [name, null]),
]);

function named(name: string, scope: Scope): Value {
  const constant = constants.get(name);
  if (constant !== undefined) return constant;
  const value = scope.find(name);
  if (value !== undefined) return value;
  requireKnownGlobal(name);
  return new Undefined(`'${name}' is undefined`);
}

function objectOf(node: Node<'ObjectLiteral'>, scope: Scope): Dict {
  const entries = [...node.value].map(([key, value]): [string, Value] => {
    const name = evaluate(key, scope);
    if (typeof name !== 'string') unsupported(`a dict with a key of the type ${typeName(name)}`);
    return [name, evaluate(value, scope)];
  });
  return new Map(entries);
}

function member({ object, property, computed }: Node<'MemberExpression'>, scope: Scope): Value {
  const owner = evaluate(object, scope);
  if (property.type === 'SliceExpression') {
    const bound = (one: Slice['start']): Value => (one === undefined ? null : evaluate(one, scope));
    const { start, stop, step } = property;
    return sliceOf(owner, { start: bound(start), stop: bound(stop), step: bound(step) });
  }
  if (computed || property.type !== 'Identifier') return itemOf(owner, evaluate(property, scope));
  return attributeOf(owner, property.value);
}

function binary({ operator, left, right }: Node<'BinaryExpression'>, scope: Scope): Value {
  const a = evaluate(left, scope);
  if (operator.value === 'and') return isTrue(a) ? evaluate(right, scope) : a;
  if (operator.value === 'or') return isTrue(a) ? a : evaluate(right, scope);
  return applyOperator(operator.value, a, evaluate(right, scope));
}

function unary({ operator, argument }: Node<'UnaryExpression'>, scope: Scope): Value {
  const value = evaluate(argument, scope);
  if (operator.value === 'not') return !isTrue(value);
  return operator.value === '-' ? negate(value) : plus(value);
}

function unsupported(construct: string): never {
  throw new UnsupportedError(construct);
}

/** Variables by name, with those of the place around. What is set stays in its own scope. */
class Scope {
  readonly #outer: Scope | undefined;
  readonly #variables: Map<string, Value>;

  constructor(outer: Scope | undefined, variables: ReadonlyMap<string, Value> = new Map()) {
    this.#outer = outer;
    this.#variables = new Map(variables);
  }

  set(name: string, value: Value): void {
    this.#variables.set(name, value);
  }

  find(name: string): Value | undefined {
    const own = this.#variables.get(name);
    return own === undefined ? this.#outer?.find(name) : own;
  }
}
