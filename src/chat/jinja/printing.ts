import type { Value } from './values.ts';
import {
  Attributes,
  Callable,
  compareText,
  Sequence,
  Stream,
  TemplateError,
  typeName,
  Undefined,
  UnsupportedError,
} from './values.ts';

/** Python's `str()`: what `{{ }}` writes. */
export function str(value: Value): string {
  if (typeof value === 'string') return value;
  return value instanceof Undefined ? '' : repr(value);
}

/** Python's `repr()`. */
function repr(value: Value): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return floatText(value);
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof Map) {
    return `{${[...value].map(([key, inner]) => `${quoted(key)}: ${repr(inner)}`).join(', ')}}`;
  }
  if (value instanceof Sequence && (value.kind === 'list' || value.kind === 'tuple')) {
    const items = value.items.map(repr).join(', ');
    if (value.kind === 'list') return `[${items}]`;
    return value.items.length === 1 ? `(${items},)` : `(${items})`;
  }
  throw new UnsupportedError(`printing a ${typeName(value)}`);
}

/** The shortest digits that give the number back; with an exponent from 1e16 up and below 1e-4. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (Object.is(value, -0)) return '-0.0';
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power < -4 || power >= 16) {
    return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  if (power < 0) {
    const digits = mantissa.replace(/[-.]/g, '');
    return `${value < 0 ? '-' : ''}0.${'0'.repeat(-power - 1)}${digits}`;
  }
  return Number.isInteger(value) ? `${BigInt(value)}.0` : String(value);
}

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** A text as Python shows it: in single quotes unless only they occur in it. */
function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inner = text.replaceAll(/[\\'"]|\p{C}|\p{Z}/gu, (character) => {
    if (character === ' ') return character;
    if (character === quote) return `\\${character}`;
    if (character === "'" || character === '"') return character;
    return escapes[character] ?? hexEscape(character.codePointAt(0) ?? 0);
  });
  return quote + inner + quote;
}

function hexEscape(code: number): string {
  const [letter, width] = code > 0xffff ? ['U', 8] : code > 0xff ? ['u', 4] : ['x', 2];
  return `\\${letter}${code.toString(16).padStart(width, '0')}`;
}

/** The options of Python's `json.dumps` that transformers gives to its filter `tojson`. */
export interface JsonOptions {
  readonly ensureAscii: boolean;
  /** What a level is indented by; undefined keeps all in one line. */
  readonly indent: string | undefined;
  readonly itemSeparator: string;
  readonly keySeparator: string;
  readonly sortKeys: boolean;
}

/** Python's `json.dumps`. Throws for what JSON has no form for. */
export function toJson(value: Value, options: JsonOptions, depth = 0): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return jsonText(value, options.ensureAscii);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return floatText(value);
    return Number.isNaN(value) ? 'NaN' : value < 0 ? '-Infinity' : 'Infinity';
  }
  if (value instanceof Map) {
    const entries = [...value];
    if (options.sortKeys) entries.sort(([a], [b]) => compareText(a, b));
    const items = entries.map(([key, inner]) => {
      const name = jsonText(key, options.ensureAscii);
      return name + options.keySeparator + toJson(inner, options, depth + 1);
    });
    return bracketed('{', items, '}', options, depth);
  }
  if (value instanceof Sequence && (value.kind === 'list' || value.kind === 'tuple')) {
    const items = value.items.map((item) => toJson(item, options, depth + 1));
    return bracketed('[', items, ']', options, depth);
  }
  if (value instanceof Attributes || value instanceof Callable || value instanceof Stream) {
    throw new TemplateError(`a ${typeName(value)} cannot be written as JSON`);
  }
  throw new TemplateError(`Object of type ${typeName(value)} is not JSON serializable`);
}

function bracketed(
  open: string,
  items: readonly string[],
  close: string,
  { indent, itemSeparator }: JsonOptions,
  depth: number,
): string {
  if (items.length === 0) return open + close;
  if (indent === undefined) return open + items.join(itemSeparator) + close;
  const line = `\n${indent.repeat(depth + 1)}`;
  return `${open}${line}${items.join(itemSeparator + line)}\n${indent.repeat(depth)}${close}`;
}

const jsonEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

function jsonText(text: string, ensureAscii: boolean): string {
  const special = ensureAscii ? /["\\]|[^ -~]/g : /["\\\x00-\x1f]/g;
  const inner = text.replaceAll(
    special,
    (unit) => jsonEscapes[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `"${inner}"`;
}
