import { joined } from './date-format.ts';
import type { TemplateCall } from './template-call.ts';

// Templates for centuries and for the years before and after Christ.

type Renderer = (call: TemplateCall) => string;

/** `{{BCE|300}}`: `300 BCE`; alone only the era. */
function behind(era: string): Renderer {
  return (call) => joined(call.at(1), era);
}

/** `{{AD|79}}`: `AD 79`. */
function ahead(era: string): Renderer {
  return (call) => joined(era, call.at(1));
}

/** French `{{s-|XIX|e}}`: `XIXe siècle`; an ending that is not given is that of the numeral. */
function ordinal(numeral: string, ending: string): string {
  if (!/^[IVXLC\d]+$/i.test(numeral)) return numeral;
  return `${numeral}${ending || (/^(?:I|1)$/i.test(numeral) ? 'er' : 'e')}`;
}

function frenchCentury(after: string): Renderer {
  return (call) => joined(ordinal(call.at(1), call.at(2)), after);
}

/** French `{{sp|XVIII|e|au|XIX|e}}`: `XVIIIe au XIXe siècle`; `{{s2|XIX|XX}}`: `XIXe et XXe siècles`. */
function frenchCenturies(between: string, after: string): Renderer {
  return ({ positional }) => {
    const shown: string[] = [];
    positional.forEach((text, index) => {
      if (!/^[IVXLC]+$/.test(text)) {
        if (!/^(?:er?|re|)$/.test(text)) shown.push(text);
        return;
      }
      if (between !== '' && shown.length > 0) shown.push(between);
      const next = positional[index + 1] ?? '';
      shown.push(ordinal(text, /^(?:er?|re)$/.test(next) ? next : ''));
    });
    return joined(...shown, after);
  };
}

/** Spanish `{{siglo|V|a|s}}`: `siglo V a. C.`; without the third argument only the numeral. */
function spanishCentury(call: TemplateCall): string {
  const eras: Readonly<Record<string, string>> = { a: 'a. C.', d: 'd. C.' };
  const words: Readonly<Record<string, string>> = { s: 'siglo', S: 'Siglo' };
  const numeral = /^[ivxlc]+$/.test(call.at(1)) ? call.at(1).toUpperCase() : call.at(1);
  return joined(words[call.at(3)] ?? '', numeral, eras[call.at(2).toLowerCase()] ?? '');
}

function portugueseCenturyBefore(call: TemplateCall): string {
  return joined('século', call.at(1), 'a.C.');
}

/** `{{e|6}}`: `×10^6`; `XX{{e}}`: `XXe`. */
function frenchExponent(call: TemplateCall): string {
  return call.at(1) === '' ? 'e' : `×10^${call.at(1).replace('-', '−')}`;
}

/** What a template is called, as it was written: `{{XIXe siècle}}`, and `{{8e|producteur}}`. */
function ownName(call: TemplateCall): string {
  return joined((call.parts[0] ?? '').trim().replaceAll('_', ' '), call.at(1));
}

/** Renderers and the names of the templates they are for, as `template-table.ts` has them. */
export const eraRows: readonly (readonly [Renderer, string])[] = [
  [behind('BCE'), 'bce'],
  [behind('BC'), 'en:bc'],
  [behind('CE'), 'en:ce'],
  [ahead('AD'), 'en:ad'],
  [behind('av. J.-C.'), 'av jc,av. j.-c.,av. jc,avjc,avant jc'],
  [behind('apr. J.-C.'), 'ap jc,apr. j.-c.,ap. jc,apjc,après jc,apr jc'],
  [frenchCentury('siècle'), 'fr:s,fr:s-,fr:siècle'],
  [frenchCentury('siècle av. J.-C.'), 'fr:-s,fr:-s-'],
  [frenchCentury(''), 'fr:siècle0,fr:sièc'],
  [frenchCenturies('', 'siècle'), 'fr:sp,fr:sp-'],
  [frenchCenturies('', 'siècle av. J.-C.'), 'fr:-sp,fr:-sp-'],
  [frenchCenturies('et', 'siècles'), 'fr:s2,fr:s2-'],
  [frenchCenturies('et', 'siècles av. J.-C.'), 'fr:-s2,fr:-s2-'],
  [spanishCentury, 'siglo'],
  [behind('a. C.'), 'a. c.,a.c.,adc,es:ac'],
  [behind('d. C.'), 'd. c.,d.c.,ddc,es:dc'],
  [ahead('século'), 'séc,século'],
  [portugueseCenturyBefore, '-séc'],
  [ahead('segle'), 'segle'],
  [behind('до н. э.'), 'до н.э.,до н. э.,до нашей эры'],
  [behind('до н. е.'), 'до н.е.,до н. е.'],
  [behind('v. Chr.'), 'v. chr.,v.chr.'],
  [behind('n. Chr.'), 'n. chr.,n.chr.'],
  [behind('p.n.e.'), 'p.n.e.,pne'],
  [behind('př. n. l.'), 'př. n. l.,př.n.l.'],
  [ahead('MÖ'), 'mö'],
  [frenchExponent, 'fr:e'],
  [ownName, 'fr:er,fr:re,fr:ère,fr:nd,fr:nde,fr:ème'],
];

/** The same for names that follow a pattern. */
export const eraPatterns: readonly (readonly [RegExp, Renderer])[] = [
  [/^\d+(?:e|er|re|ème|nd)$/, ownName],
  [/^(?:[ivxlc]+|\d+)(?:e|er) siècle/, ownName],
  [/^(?:siglo|século|segle) [ivxlc]+\b/, ownName],
];
