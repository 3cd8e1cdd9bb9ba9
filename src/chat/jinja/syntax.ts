import { messageOf } from '../../errors/error.ts';
import type { Token } from './library.ts';
import { parse } from './library.ts';
import { readSource } from './source.ts';
import { TemplateError, UnsupportedError } from './values.ts';

interface Identifier {
  readonly type: 'Identifier';
  readonly value: string;
}

interface Call {
  readonly type: 'CallExpression';
  readonly callee: Expression;
  readonly args: readonly Argument[];
}

export type Argument =
  | Expression
  | {
      readonly type: 'KeywordArgumentExpression';
      readonly key: Identifier;
      readonly value: Expression;
    }
  | { readonly type: 'SpreadExpression'; readonly argument: Expression }
  | { readonly type: 'KeywordSpreadExpression'; readonly argument: Expression };

export interface Slice {
  readonly type: 'SliceExpression';
  readonly start?: Expression;
  readonly stop?: Expression;
  readonly step?: Expression;
}

/** The library's nodes: what has a value. */
export type Expression =
  | Identifier
  | Call
  | { readonly type: 'StringLiteral'; readonly value: string }
  | { readonly type: 'IntegerLiteral' | 'FloatLiteral'; readonly value: number }
  | { readonly type: 'ArrayLiteral' | 'TupleLiteral'; readonly value: readonly Expression[] }
  | { readonly type: 'ObjectLiteral'; readonly value: ReadonlyMap<Expression, Expression> }
  | {
      readonly type: 'MemberExpression';
      readonly object: Expression;
      readonly property: Expression | Slice;
      /** With brackets, not with a dot. */
      readonly computed: boolean;
    }
  | {
      readonly type: 'BinaryExpression';
      readonly operator: Token;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly type: 'UnaryExpression'; readonly operator: Token; readonly argument: Expression }
  | { readonly type: 'FilterExpression'; readonly operand: Expression; readonly filter: FilterUse }
  | {
      readonly type: 'TestExpression';
      readonly operand: Expression;
      readonly negate: boolean;
      readonly test: Identifier;
    }
  | {
      readonly type: 'Ternary';
      readonly condition: Expression;
      readonly trueExpr: Expression;
      readonly falseExpr: Expression;
    }
  /** `a if b`: a ternary without `else`, and of a loop's input the condition of its items. */
  | { readonly type: 'SelectExpression'; readonly lhs: Expression; readonly test: Expression };

/** A filter's name, with its arguments where it has brackets. */
export type FilterUse = Identifier | (Call & { readonly callee: Identifier });
export type Parameter = Extract<Argument, { type: 'Identifier' | 'KeywordArgumentExpression' }>;

/** A part of a template: a block, or an expression that is printed. */
export type Statement = Expression | Block;

/** The library's nodes: what is carried out. */
type Block =
  | {
      readonly type: 'If';
      readonly test: Expression;
      readonly body: readonly Statement[];
      readonly alternate: readonly Statement[];
    }
  | {
      readonly type: 'For';
      readonly loopvar: Expression;
      readonly iterable: Expression;
      readonly body: readonly Statement[];
      readonly defaultBlock: readonly Statement[];
    }
  | { readonly type: 'Break' | 'Continue' }
  | {
      readonly type: 'Set';
      readonly assignee: Expression;
      /** Null where the block up to `endset` gives it. */
      readonly value: Expression | null;
      readonly body: readonly Statement[];
    }
  | {
      readonly type: 'Macro';
      readonly name: Identifier;
      readonly args: readonly Parameter[];
      readonly body: readonly Statement[];
    }
  | {
      readonly type: 'CallStatement';
      readonly call: Call;
      readonly callerArgs: readonly Parameter[] | null;
      readonly body: readonly Statement[];
    }
  | {
      readonly type: 'FilterStatement';
      readonly filter: FilterUse;
      readonly body: readonly Statement[];
    };

/** Kinds of statements and expressions by the library's names. */
export type Node<Type extends Statement['type']> = Extract<Statement, { type: Type }>;

const blockTypes: Readonly<Record<Block['type'], true>> = {
  If: true,
  For: true,
  Break: true,
  Continue: true,
  Set: true,
  Macro: true,
  CallStatement: true,
  FilterStatement: true,
};

export function isBlock(statement: Statement): statement is Block {
  return Object.hasOwn(blockTypes, statement.type);
}

/**
 * Reads a template as transformers' Jinja does, with `trim_blocks` and `lstrip_blocks`. Throws a
 * TemplateError, and an UnsupportedError for what the library does not read or would read otherwise.
 */
export function parseTemplate(text: string): readonly Statement[] {
  const tokens = readSource(text);
  let furthest = 0;
  const watched = new Proxy(tokens, {
    get(target, key): unknown {
      if (typeof key === 'string' && /^\d+$/.test(key)) furthest = Math.max(furthest, Number(key));
      return Reflect.get(target, key);
    },
  });
  try {
    return parse(watched).body as Statement[];
  } catch (error) {
    // The library does not say where; what it looked at last is where it stumbled.
    const source = tokens[furthest]?.source;
    if (source === undefined) throw new TemplateError('a block has no end');
    throw new UnsupportedError(source, messageOf(error));
  }
}
