import fc from 'fast-check';

// Templates at random, for comparison with Python. The names are those of golden/templates.py.

const names = [
  ...[
    'text',
    'path',
    'think',
    'wide',
    'quotes',
    'empty',
    'lines',
    'zero',
    'seven',
    'minus',
    'half',
  ],
  ...['yes', 'no', 'nothing', 'numbers', 'words', 'mixed', 'table', 'nested', 'people', 'messages'],
  ...['undefined', 'x'],
];
const literals = [
  "''",
  "'a'",
  "'\\n'",
  "' '",
  "'/'",
  '0',
  '1',
  '-1',
  '2',
  '2.5',
  '[]',
  '{}',
  "['a', 1]",
];
const filters = [
  ...['trim', 'upper', 'lower', 'title', 'capitalize', 'string', 'length', 'first', 'last', 'join'],
  ...[
    "join(', ')",
    'list',
    'int',
    'float',
    'tojson',
    'tojson(indent=2)',
    'default',
    "default('d', true)",
  ],
  ...['items', 'dictsort', 'unique', 'batch(2)', 'sort', 'reverse', 'sum', 'max', 'min', 'abs'],
  ...[
    "map('upper')",
    "map(attribute='name')",
    "select('string')",
    "reject('none')",
    'indent',
    'count',
  ],
  ...["selectattr('role', 'equalto', 'user')", "rejectattr('tags')", "replace('a', 'b')"],
];
const members = [
  ...[
    '.role',
    '.name',
    '.items',
    '.items()',
    '.keys()',
    ".get('b')",
    '.k',
    '.x',
    '[0]',
    '[-1]',
    '[1:]',
  ],
  ...[
    '[::-1]',
    '[:2]',
    "['role']",
    "['items']",
    '.strip()',
    ".strip('/a')",
    '.lstrip()',
    ".rstrip('\\n')",
  ],
  ...[
    '.split()',
    ".split('/')",
    ".split('/', 1)",
    '.upper()',
    '.title()',
    ".startswith('a')",
    '.splitlines()',
  ],
  ...[
    ".endswith('/')",
    ".replace('/', '')",
    ".find('o')",
    ".join(['a', 'b'])",
    '.isdigit()',
    '[9]',
    '[-3::-2]',
  ],
  ...[
    ".removeprefix('a')",
    ".count('l')",
    ".partition('/')",
    '.content',
    '.index(1)',
    '.isupper()',
  ],
];
const binary = [
  '+',
  '-',
  '*',
  '/',
  '//',
  '%',
  '==',
  '!=',
  '<',
  '>=',
  'and',
  'or',
  'in',
  'not in',
  '~',
];
const tests = [
  ...['defined', 'none', 'string', 'mapping', 'iterable', 'sequence', 'number', 'integer', 'float'],
  ...['boolean', 'true', 'false', 'odd', 'upper', 'callable', 'undefined'],
];
const spaces = ['', ' ', '\n', '  ', '\n  ', ' \n\n', '\r\n', '\t'];

/**
 * Expressions of every kind that is carried out. Their parts stand in brackets, or, where `isBare`,
 * some do not: then many are no Jinja.
 */
function expressions(isBare: boolean): fc.Arbitrary<string> {
  const { expression } = fc.letrec<{ expression: string; part: string }>((tie) => {
    const part = tie('part');
    const joined = (separator: string, ...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
      fc.tuple(...parts).map((texts) => texts.join(separator));
    return {
      expression: fc.oneof(
        { maxDepth: 4, depthIdentifier: 'expression' },
        fc.constantFrom(...names, ...literals),
        joined('', part, fc.constantFrom(...members)),
        joined(' | ', part, fc.constantFrom(...filters)),
        joined(' ', part, fc.constantFrom(...binary), part),
        joined(' ', part, fc.constantFrom('is', 'is not'), fc.constantFrom(...tests)),
        joined(' ', part, fc.constant('if'), part, fc.constant('else'), part),
        joined(' ', fc.constantFrom('not', '-'), part),
      ),
      part: fc
        .tuple(tie('expression'), fc.constantFrom(true, true, !isBare))
        .map(([text, isInner]) => (isInner ? inBrackets(text) : text)),
    };
  });
  return expression;
}

/** A text in brackets, unless it is one word. */
function inBrackets(text: string): string {
  return /^[\w']+$/.test(text) ? text : `(${text})`;
}

const space = fc.constantFrom(...spaces);
const sign = fc.constantFrom('', '', '-');
const words = fc.constantFrom('a', 'b\n', '<|x|>', '{ ', '%}', '');

function tag(open: string, content: fc.Arbitrary<string>, close: string): fc.Arbitrary<string> {
  return fc
    .tuple(space, sign, content, sign, space)
    .map(([before, left, text, right, after]) =>
      [before, open, left, ' ', text, ' ', right, close, after].join(''),
    );
}

function block(text: string | fc.Arbitrary<string>): fc.Arbitrary<string> {
  return tag('{%', typeof text === 'string' ? fc.constant(text) : text, '%}');
}

/** Templates with every construct that is carried out, and values of every kind in every place. */
export function randomTemplates(options: { readonly isBare: boolean }): fc.Arbitrary<string> {
  const expression = expressions(options.isBare);
  const written = (write: (text: string) => string): fc.Arbitrary<string> => expression.map(write);
  const { template } = fc.letrec<{ template: string }>((tie) => {
    const inner = tie('template');
    const joined = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
      fc.tuple(...parts).map((texts) => texts.join(''));
    const condition = block(written((text) => `if ${inBrackets(text)}`));
    const loop = block(written((text) => `for x in ${inBrackets(text)}`));
    const call = tag(
      '{{',
      written((text) => `f(${text})`),
      '}}',
    );
    return {
      template: fc.oneof(
        { maxDepth: 3, depthIdentifier: 'template' },
        words,
        tag('{{', expression, '}}'),
        tag('{#', words, '#}'),
        block(written((text) => `set x = ${text}`)),
        joined(inner, inner),
        joined(condition, inner, block('else'), inner, block('endif')),
        joined(loop, inner, block('endfor')),
        joined(block('set x'), inner, block('endset')),
        joined(block('generation'), inner, block('endgeneration')),
        joined(block('macro f(x, y=x)'), inner, block('endmacro'), call),
      ),
    };
  });
  return template;
}
