import { formatNumber, parseNumber, roundedNumber } from './number-format.ts';
import type { PageContext, TemplateCall } from './template-call.ts';

/** `{{val|1.23|0.05|e=3|u=m/s}}`: `1.23±0.05×10^3 m/s`. */
export function renderVal(call: TemplateCall): string {
  const style = call.get('fmt');
  const number = (text: string): string =>
    style === 'commas' ? formatNumber(text) : text.replaceAll(/[,\s]/g, '');
  const [value, second, third] = [call.at(1), call.at(2), call.at(3)];
  let shown = number(value);
  if (second.startsWith('(')) shown += second;
  else if (third !== '') shown += ` +${second.replace(/^\+/, '')} −${third.replace(/^[-−]/, '')}`;
  else if (second !== '') shown += `±${number(second)}`;
  const exponent = call.get('e');
  if (exponent !== '') shown += `×10^${exponent.replace('-', '−')}`;
  const unit = call.get('u', 'ul');
  const per = call.get('up', 'upl');
  const suffix = unit === '' ? '' : `${/^[%°]/.test(unit) ? '' : ' '}${unit}`;
  return `${call.get('p')}${shown}${suffix}${per === '' ? '' : `/${per}`}${call.get('s')}`;
}

/** `{{formatnum:1234567}}`; with `R` the separators go away instead. */
export function renderFormatNumber(call: TemplateCall, context: PageContext): string {
  const text = call.name.startsWith('formatnum:') ? afterColon(call) : call.at(1);
  const isRaw = call.positional.some((argument) => /^R$/i.test(argument));
  return isRaw ? text.replaceAll(',', '') : formatNumber(text, context.language);
}

/** What stands after the colon of a parser function, as it was written. */
export function afterColon(call: TemplateCall): string {
  const [first = ''] = call.parts;
  return first.slice(first.indexOf(':') + 1).trim();
}

/** `{{frac|5|1|2}}`: `5 1/2`; `{{frac|1|2}}`: `1/2`; `{{frac|3}}`: `1/3`. */
export function renderFraction(call: TemplateCall): string {
  const [a, b, c] = [call.at(1), call.at(2), call.at(3)];
  if (c !== '') return `${a} ${b}/${c}`;
  return b === '' ? `1/${a}` : `${a}/${b}`;
}

/** `{{percent and number|5|20}}`: `25% (5)`. */
export function renderPercentAndNumber(call: TemplateCall, context: PageContext): string {
  const [part, whole] = [parseNumber(call.at(1)), parseNumber(call.at(2))];
  if (Number.isNaN(part) || !(Math.abs(whole) > 0)) return call.at(1);
  const percent = roundedNumber((part / whole) * 100, Number(call.at(3)) || 0);
  return `${percent}% (${formatNumber(call.at(1), context.language)})`;
}

/** `{{height|ft=6|in=1}}`: `6 ft 1 in (1.85 m)`; `{{height|m=1.85}}`: `1.85 m (6 ft 1 in)`. */
export function renderHeight(call: TemplateCall): string {
  const [feet, inches] = [call.get('ft', 'feet'), call.get('in', 'inches')];
  if (feet !== '') {
    const metres = parseNumber(feet) * 0.3048 + (parseNumber(inches || '0') || 0) * 0.0254;
    return `${feet} ft ${inches === '' ? '0' : inches} in (${metres.toFixed(2)} m)`;
  }
  const metres = parseNumber(call.get('m')) || parseNumber(call.get('cm')) / 100;
  if (Number.isNaN(metres)) return call.positional.join(' ');
  const total = Math.round(metres / 0.0254);
  const shown = call.get('m') === '' ? `${call.get('cm')} cm` : `${call.get('m')} m`;
  return `${shown} (${Math.floor(total / 12)} ft ${total % 12} in)`;
}

/** `{{inflation|US|100|1900}}` needs tables that a dump does not hold: the value as it was then. */
export function renderInflation(call: TemplateCall): string {
  return formatNumber(call.at(2));
}

/** `{{US$|5.5|long=no}}` and other currencies: the sign before the number. */
export function currency(sign: string): (call: TemplateCall) => string {
  return (call) => {
    const [value, unit] = [call.at(1), call.at(2)];
    return `${sign}${value}${/^[a-z]+$/i.test(unit) ? ` ${unit}` : ''}`;
  };
}

/** Wikipedia's `{{coord|51|30|N|0|7|W}}`: `51°30′N 0°7′W`. */
export function renderCoordinates(call: TemplateCall): string {
  if (/^title$/i.test(call.get('display'))) return '';
  const parts: string[] = [];
  let marks = ['°', '′', '″'];
  for (const text of call.positional) {
    if (/^[NSEWO]$/i.test(text)) {
      parts.push(`${text} `);
      marks = ['°', '′', '″'];
    } else if (/^-?[\d.]+$/.test(text)) parts.push(`${text}${marks.shift() ?? ''}`);
    else break;
  }
  const shown = parts.join('').trim();
  return /[NSEWO]/i.test(shown) ? shown : shown.replace('°', '°, ');
}

/** `{{e|24}}`: `×10^24`. */
export function renderExponent(call: TemplateCall): string {
  return `×10^${call.at(1).replace('-', '−')}`;
}

/** `{{chem|C|6|H|12|O|6}}` and `{{chem2|C6H12O6}}`: the formula in one word. */
export function renderFormula(call: TemplateCall): string {
  return call.positional.join('').replaceAll("''", '');
}

/** French `{{unité|2000|m}}`: the number with its unit, exponents after `^`. */
export function renderUnitNumber(call: TemplateCall, context: PageContext): string {
  const [value, ...units] = call.positional;
  const number = (value ?? '').split(/\s+/).map((text) => formatNumber(text, context.language));
  const shown = units.map((unit, index) =>
    /^-?\d+$/.test(unit) && index % 2 === 1 ? `^${unit}` : unit,
  );
  return [...number, ...shown]
    .filter((text) => text !== '')
    .join(' ')
    .replaceAll(' ^', '^');
}

/** Heights above sea level by the country that measures them. */
const levels: Readonly<Record<string, string>> = {
  ...{ 'DE-NN': 'm ü. NN', 'DE-NHN': 'm ü. NHN', 'DE-HN': 'm ü. HN', DE: 'm ü. NHN' },
  ...{ AT: 'm ü. A.', CH: 'm ü. M.', LI: 'm ü. M.', FR: 'm', IT: 'm s.l.m.' },
};

/** German `{{Höhe|1234|DE-NN|link=true}}`: `1234 m ü. NN`. */
export function renderElevation(call: TemplateCall): string {
  return `${call.at(1)} ${levels[call.at(2)] ?? 'm'}`;
}

/** French `{{heure|14|30|15}}`: `14 h 30 min 15 s`; without seconds `14 h 30`. */
export function renderHour(call: TemplateCall): string {
  const [hour, minute, second] = [call.at(1), call.at(2), call.at(3)];
  if (second !== '') return `${hour} h ${minute || '0'} min ${second} s`;
  return minute === '' ? `${hour} h` : `${hour} h ${minute}`;
}
