/** The operators between two values, by how strongly they bind. */
const binary: readonly Readonly<Record<string, (a: number, b: number) => number>>[] = [
  { or: (a, b) => Number(a !== 0 || b !== 0) },
  { and: (a, b) => Number(a !== 0 && b !== 0) },
  {
    '=': (a, b) => Number(a === b),
    '!=': (a, b) => Number(a !== b),
    '<>': (a, b) => Number(a !== b),
    '<': (a, b) => Number(a < b),
    '>': (a, b) => Number(a > b),
    '<=': (a, b) => Number(a <= b),
    '>=': (a, b) => Number(a >= b),
  },
  { round: roundTo },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  {
    '*': (a, b) => a * b,
    '/': (a, b) => a / b,
    div: (a, b) => a / b,
    mod: (a, b) => Math.trunc(a) % Math.trunc(b),
  },
  { '^': (a, b) => a ** b },
];

/** What stands before one value. */
const unary: Readonly<Record<string, (a: number) => number>> = {
  '+': (a) => a,
  '-': (a) => -a,
  not: (a) => Number(a === 0),
  ...{ abs: Math.abs, ceil: Math.ceil, floor: Math.floor, trunc: Math.trunc, sqrt: Math.sqrt },
  ...{ exp: Math.exp, ln: Math.log },
};

const token = /\s*(\d+\.?\d*(?:e[-+]?\d+)?|\.\d+|[a-z]+|<=|>=|<>|!=|[-+*/^=<>()])/iy;
const maxChars = 500;

/**
 * The value of an expression as `{{#expr:}}` takes it, `1310 / 156.9 round 1`; NaN for what is none.
 * https://www.mediawiki.org/wiki/Help:Extension:ParserFunctions#.23expr
 */
export function evaluate(text: string): number {
  const tokens = tokensOf(text.replaceAll('−', '-').replaceAll('&minus;', '-'));
  if (tokens === undefined) return NaN;
  const value = operation(tokens, 0);
  return tokens.length === 0 ? value : NaN;
}

/** The value as MediaWiki shows it: up to 14 digits. */
export function shownValue(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(14))) : '';
}

function roundTo(value: number, places: number): number {
  const factor = 10 ** Math.trunc(places);
  // Half away from zero, without the error of the binary form.
  const scaled = Number((Math.abs(value) * factor).toPrecision(14));
  return (Math.sign(value) * Math.round(scaled)) / factor;
}

function tokensOf(text: string): string[] | undefined {
  const tokens: string[] = [];
  const source = text.trim().slice(0, maxChars + 1);
  if (source === '' || source.length > maxChars) return undefined;
  token.lastIndex = 0;
  while (token.lastIndex < source.length) {
    const found = token.exec(source)?.[1];
    if (found === undefined) return undefined;
    tokens.push(found.toLowerCase());
  }
  return tokens;
}

/** Takes an operation of this strength or a stronger one from the tokens. */
function operation(tokens: string[], strength: number): number {
  const operators = binary[strength];
  if (operators === undefined) return operand(tokens);
  let value = operation(tokens, strength + 1);
  for (;;) {
    const [next = ''] = tokens;
    const operator = Object.hasOwn(operators, next) ? operators[next] : undefined;
    if (operator === undefined) return value;
    tokens.shift();
    value = operator(value, operation(tokens, strength + 1));
  }
}

function operand(tokens: string[]): number {
  const next = tokens.shift() ?? '';
  if (/^[\d.]/.test(next)) return Number(next);
  if (next === 'pi') return Math.PI;
  if (next === '(') {
    const value = operation(tokens, 0);
    return tokens.shift() === ')' ? value : NaN;
  }
  const operator = Object.hasOwn(unary, next) ? unary[next] : undefined;
  return operator === undefined ? NaN : operator(operand(tokens));
}
