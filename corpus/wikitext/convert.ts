import { formatNumber, parseNumber, roundedNumber } from './number-format.ts';
import type { TemplateCall } from './template-call.ts';
import type { Unit } from './units.ts';
import { unitOf } from './units.ts';

/** Words between the values of a range, and what is shown for them. */
const rangeWords: Readonly<Record<string, string>> = {
  to: ' to ',
  and: ' and ',
  or: ' or ',
  by: ' by ',
  x: ' × ',
  '×': ' × ',
  '-': '–',
  '–': '–',
  'to(-)': ' to ',
  'and(-)': ' and ',
  '+/-': ' ± ',
  '±': ' ± ',
  '+': ' + ',
  ',': ', ',
  ', and': ', and ',
  ', or': ', or ',
  xx: ' × ',
  '*': ' × ',
  'to about': ' to about ',
  'and about': ' and about ',
  plus: ' plus ',
  versus: ' versus ',
};

/** Units that are written as feet and inches and the like. */
const compound: Readonly<Record<string, readonly [string, string]>> = {
  ftin: ['ft', 'in'],
  'ft in': ['ft', 'in'],
  stlb: ['st', 'lb'],
  'st lb': ['st', 'lb'],
};

interface Input {
  readonly shown: readonly string[];
  readonly values: readonly number[];
  /** Between the values; one fewer than values. */
  readonly words: readonly string[];
  /** The values added up, as in 5 feet 10 inches. */
  readonly isSum: boolean;
  readonly unit: Unit;
  readonly unitText: (form: 'name' | 'symbol') => string;
}

/**
 * `{{convert|5|km}}` as Wikipedia shows it: `5 kilometres (3.1 mi)`. Rounding follows the default
 * of Module:Convert: the precision of the input, and two significant figures at least. Unknown
 * units are shown as they are, without a conversion.
 */
export function renderConvert(call: TemplateCall, isAbbreviated = false): string {
  const isAmerican = call.get('sp').toLowerCase() === 'us';
  const [input, rest] = readInput(call, isAmerican);
  if (input === undefined) return unknownUnit(call);
  const abbreviation = call.get('abbr') || (isAbbreviated ? 'on' : '');
  const inForm = ['on', 'in', 'values', '~'].includes(abbreviation) ? 'symbol' : 'name';
  const isSpelled = abbreviation === '' && call.get('disp') === 'or';
  const outForm = isSpelled || ['off', 'in'].includes(abbreviation) ? 'name' : 'symbol';
  const [targets, rounding] = readTargets(rest, input, call);
  const outputs = targets
    .map((codes) => outputText(input, codes, { form: outForm, rounding, isAmerican, call }))
    .filter((text) => text !== '');
  const left = inputText(input, inForm, call);
  const [first] = outputs;
  if (first === undefined || call.get('disp') === 'input only') return left;
  switch (call.get('disp')) {
    case 'out':
    case 'output':
    case 'output only':
      return first;
    case 'number':
    case 'output number only':
      return first.split(' ')[0] ?? '';
    case 'unit':
      return input.unitText(inForm);
    case 'comma':
      return [left, ...outputs].join(', ');
    case 'sqbr':
      return `${left} [${outputs.join('; ')}]`;
    case 'b':
    case 'or':
      return `${left} or ${outputs.join(' or ')}`;
    case 'flip':
      return `${first} (${left})`;
    default:
      return call.get('order') === 'flip'
        ? `${first} (${left})`
        : `${left} (${outputs.join('; ')})`;
  }
}

/** The values with their unit, and the arguments after it. */
function readInput(call: TemplateCall, isAmerican: boolean): [Input | undefined, string[]] {
  const args = separateRange(call.positional);
  const shown: string[] = [];
  const values: number[] = [];
  const words: string[] = [];
  for (;;) {
    const text = args.shift() ?? '';
    const value = parseNumber(text);
    if (Number.isNaN(value)) return [undefined, []];
    values.push(value);
    shown.push(showInput(text));
    const word = rangeWords[args[0] ?? ''];
    if (word === undefined || Number.isNaN(parseNumber(args[1] ?? ''))) break;
    words.push(word);
    args.shift();
  }
  const code = args.shift() ?? '';
  const unit = unitOf(code, isAmerican);
  if (unit === undefined) return [undefined, []];
  const second = values.length === 1 ? parseNumber(args[0] ?? '') : NaN;
  const minor = unitOf(args[1] ?? '', isAmerican);
  const isSum = !Number.isNaN(second) && minor !== undefined && minor.quantity === unit.quantity;
  if (isSum) {
    const total = (values[0] ?? 0) + (second * minor.scale) / unit.scale;
    const text = (form: 'name' | 'symbol'): string =>
      [
        `${shown[0] ?? ''} ${unitText(unit, form, values[0] ?? 0)}`,
        `${showInput(args[0] ?? '')} ${unitText(minor, form, second)}`,
      ].join(' ');
    return [
      { shown: [args[0] ?? ''], values: [total], words: [], isSum, unit, unitText: text },
      args.slice(2),
    ];
  }
  const last = values.at(-1) ?? 0;
  const text = (form: 'name' | 'symbol'): string => unitText(unit, form, last);
  return [{ shown, values, words, isSum: false, unit, unitText: text }, args];
}

const number = String.raw`[-−+]?\d[\d,]*(?:\.\d+)?(?:\+?\d+//?\d+)?`;
const range = new RegExp(`^(${number})\\s*(-|–|to|and|or|by|x|×|&ndash;)\\s*(${number})$`);

/** A range in one argument, `5-10` or `3 x 4`, as three: its values and the word between them. */
function separateRange(args: readonly string[]): string[] {
  const [first = '', ...rest] = args;
  const parts = range.exec(first);
  if (parts === null) return [...args];
  const [, from = '', word = '', to = ''] = parts;
  return [from, word === '&ndash;' ? '–' : word, to, ...rest];
}

function showInput(text: string): string {
  const plain = text.replaceAll(/[,\s]/g, '');
  if (/^[-−+]?\d{5,}(?:\.\d+)?$|^[-−+]?\d{4}(?:\.\d+)?$/.test(plain)) return formatNumber(plain);
  return text.replaceAll('-', '−').replace(/^(\d+)\+(\d+)\/\/?(\d+)$/, '$1 $2/$3');
}

function unitText(unit: Unit, form: 'name' | 'symbol', value: number): string {
  if (form === 'symbol') return unit.symbol;
  // A million acres are acres.
  const isOne = Math.abs(value) === 1 && !/^[a-z]+illion |^thousand /.test(unit.name);
  return isOne ? unit.name : unit.plural;
}

function inputText(input: Input, form: 'name' | 'symbol', call: TemplateCall): string {
  if (input.isSum) return input.unitText(form);
  const number = input.shown.map((text, index) => text + (input.words[index] ?? '')).join('');
  if (call.get('adj') === 'on' && form === 'name') {
    return `${number}-${input.unit.name.replaceAll(' ', '-')}`;
  }
  const between = call.get('adj') === 'mid' ? ` ${call.positional.at(-1) ?? ''}` : '';
  const unit = input.unitText(form);
  return `${number}${gapBefore(unit)}${unit}${between}`;
}

/** The output units, each one code or a compound of two, and the number of decimals if given. */
function readTargets(
  rest: readonly string[],
  input: Input,
  call: TemplateCall,
): [string[][], number | undefined] {
  const args = [...rest];
  const isUnits = (text: string): boolean =>
    compound[text] !== undefined || text.split(/[ +]/).every((code) => unitOf(code) !== undefined);
  let codes = input.unit.target;
  if (args[0] !== undefined && args[0] !== '' && isUnits(args[0])) codes = args.shift() ?? '';
  else if (args[0] === '') args.shift();
  const given = args.find((text) => /^-?\d+$/.test(text));
  const targets = compound[codes] !== undefined ? [codes] : codes.split(/[ +]/);
  const rounding = call.get('round') !== '' || given === undefined ? undefined : Number(given);
  return [targets.map((code) => [...(compound[code] ?? [code])]), rounding];
}

interface OutputOptions {
  readonly form: 'name' | 'symbol';
  readonly rounding: number | undefined;
  readonly isAmerican: boolean;
  readonly call: TemplateCall;
}

function outputText(input: Input, codes: readonly string[], options: OutputOptions): string {
  const [unit, minor] = codes.map((code) => unitOf(code, options.isAmerican));
  if (unit === undefined || unit.quantity !== input.unit.quantity) return '';
  if (minor !== undefined) return compoundText(input, unit, minor, options.form);
  const numbers = input.values.map((value, index) => {
    const out = converted(value, input.unit, unit);
    return roundedNumber(
      out,
      decimalsOf(value, input.shown[index] ?? '', out, input, unit, options),
    );
  });
  const number = numbers.map((text, index) => text + (input.words[index] ?? '')).join('');
  const last = parseNumber(numbers.at(-1) ?? '');
  const name = unitText(unit, options.form, last);
  return `${number}${gapBefore(name)}${name}`;
}

function gapBefore(unit: string): string {
  return /^[/×]/.test(unit) ? '' : ' ';
}

function compoundText(input: Input, unit: Unit, minor: Unit, form: 'name' | 'symbol'): string {
  const texts = input.values.map((value) => {
    const ratio = Math.round(unit.scale / minor.scale);
    const total = Math.round(converted(value, input.unit, minor));
    const [whole, left] = [Math.trunc(total / ratio), Math.abs(total % ratio)];
    const first = `${formatNumber(String(whole))} ${unitText(unit, form, whole)}`;
    return whole === 0
      ? `${left} ${unitText(minor, form, left)}`
      : `${first} ${left} ${unitText(minor, form, left)}`;
  });
  return texts.map((text, index) => text + (input.words[index] ?? '')).join('');
}

function converted(value: number, from: Unit, to: Unit): number {
  if (from.zero === undefined || to.zero === undefined) return (value * from.scale) / to.scale;
  return ((value - from.zero) * from.scale) / to.scale + to.zero;
}

/** The decimals of an output value: as given, else the default of Module:Convert. */
function decimalsOf(
  value: number,
  shown: string,
  out: number,
  input: Input,
  unit: Unit,
  options: OutputOptions,
): number {
  const figures = Number(options.call.get('sigfig'));
  if (figures > 0 && out !== 0) return figures - 1 - Math.floor(Math.log10(Math.abs(out)));
  const step = Number(options.call.get('round'));
  if (step > 0) return -Math.floor(Math.log10(step));
  if (options.rounding !== undefined) return options.rounding;
  if (value === 0 || out === 0) return 0;
  const precision = input.isSum ? sumPrecision(shown) : inputPrecision(shown);
  const fudge = 1e-14;
  if (input.unit.zero !== undefined) {
    const kelvin = Math.abs((value - input.unit.zero) * input.unit.scale);
    const least = kelvin < 1e-8 ? 2 : 2 - Math.floor(Math.log10(kelvin) + fudge);
    return Math.max(Math.floor(precision + Math.log10(2)), least);
  }
  // Feet get more precision from a whole number of another unit.
  const least = 1 - Math.floor(Math.log10(Math.abs(out)) + fudge);
  return Math.max(Math.floor(precision + shift(value, out, input, unit) + Math.log10(2)), least);
}

/** How many decimals more the output needs than the input, by the sizes of their units. */
function shift(value: number, out: number, input: Input, unit: Unit): number {
  if (input.isSum) return Math.log10(unit.scale) + 2;
  // Feet get more precision from a whole number of another unit.
  if (unit.symbol === 'ft' && Number.isInteger(value)) return -Math.log10(input.unit.scale);
  return Math.log10(Math.abs(value / out));
}

/** Decimals of a number as it was written; zeros at the end of a whole number count below 0. */
function inputPrecision(shown: string): number {
  const text = shown.replaceAll(',', '');
  const fraction = /[/⁄](\d+)$/.exec(text);
  if (fraction !== null) return Math.max(Math.log10(Number(fraction[1])), 1);
  const point = text.indexOf('.');
  if (point >= 0) return text.length - point - 1;
  return -(/0*$/.exec(text)?.[0].length ?? 0);
}

/** In `5 ft 10 in` the zero says nothing of the precision. */
function sumPrecision(shown: string): number {
  return Math.max(inputPrecision(shown), 0);
}

/** Without a known unit the numbers and the unit's code are what can be shown. */
function unknownUnit(call: TemplateCall): string {
  const { positional } = call;
  const unit = positional.findIndex(
    (text) => Number.isNaN(parseNumber(text)) && rangeWords[text] === undefined,
  );
  const shown = positional.slice(0, unit < 0 ? positional.length : unit + 1);
  return shown.map((text) => rangeWords[text]?.trim() ?? text).join(' ');
}
