import { formatNumber, known } from './number-format.ts';
import type { PageContext, TemplateCall } from './template-call.ts';

/** Parts that are not empty, with a separator. */
function list(parts: readonly string[], separator: string): string {
  return parts.filter((part) => part !== '').join(separator);
}

/** `{{lang|fr|Paris}}`: the text. */
export function renderLang(call: TemplateCall): string {
  return call.at(2) || call.get('text');
}

/** `{{lang-fr|Paris}}`: `French: Paris`, the name of the language in the site's language. */
export function renderLangName(call: TemplateCall, context: PageContext): string {
  const code = call.name.replace(/^lang-/, '');
  const text = list([call.at(1), call.at(2), call.at(3)], ', ') || renderScripts(call);
  const label = call.get('label');
  if (label === 'none' || call.get('links') === 'none') return text;
  let name: string | undefined;
  try {
    name = new Intl.DisplayNames([known(context.language)], { type: 'language' }).of(code);
  } catch {
    name = undefined;
  }
  return name === undefined || name === code ? text : `${name}: ${text}`;
}

/** `{{circa|1900}}`: `c. 1900`; `{{circa|1900|1910}}`: `c. 1900 – c. 1910`. */
export function renderCirca(call: TemplateCall): string {
  const years = [call.at(1), call.at(2)].filter((year) => year !== '');
  return years.length === 0 ? 'c.' : years.map((year) => `c. ${year}`).join(' – ');
}

/** A word before a year or a range of years: `{{floruit|1500|1510}}`, `{{reign|1558|1603}}`. */
export function span(word: string): (call: TemplateCall) => string {
  return (call) => `${word} ${list([call.at(1), call.at(2)], '–')}`.trim();
}

/** Chinese `{{bd|1930年|5月7日|2001年|2月3日}}`: `1930年5月7日－2001年2月3日`; `{{bd|1930年|5月7日}}` ends with the bar. */
export function renderLife(call: TemplateCall): string {
  const [born, died] = [call.at(1) + call.at(2), call.at(3) + call.at(4)];
  return born === '' && died === '' ? '' : `${born}－${died}`;
}

/** `{{nihongo|English|漢字|romaji|extra|extra2}}`: nothing of it is lost. */
export function renderNihongo(call: TemplateCall): string {
  const inside = list([call.at(2), call.at(3), call.at(4) || call.get('extra')], ', ');
  const shown =
    call.at(1) === '' || inside === '' ? call.at(1) || inside : `${call.at(1)} (${inside})`;
  return list([shown, call.at(5) || call.get('extra2')], ' ');
}

const scriptKeys = [
  ...['c', 's', 't', 'p', 'tp', 'w', 'j', 'y', 'poj', 'l', 'hangul', 'hanja', 'hani', 'rr', 'mr'],
  ...['kanji', 'kana', 'romaji', 'pinyin', 'lit'],
];

/** `{{zh|c=中国|p=Zhōngguó}}` and `{{korean|hangul=서울}}`: `中国; Zhōngguó`, each form once. */
export function renderScripts(call: TemplateCall): string {
  const named = [...call.named].filter(([key]) => scriptKeys.includes(key.replace(/\d$/, '')));
  return list([...new Set([...call.positional, ...named.map(([, text]) => text)])], '; ');
}

/** `{{marriage|name|from|to|reason=..}}`. */
export function renderMarriage(call: TemplateCall): string {
  const reason = call.get('reason', 'end') || call.at(4);
  const years = list([call.at(2), call.at(3)], '–');
  const inside = list([years === '' ? '' : `m. ${years}`, reason], '; ');
  return inside === '' ? call.at(1) : `${call.at(1)} (${inside})`;
}

/** The items of `{{plainlist|..}}`, `{{ubl|..}}`, `{{hlist|..}}` and their kin, as a phrase. */
export function renderList(call: TemplateCall): string {
  const numbered = [...call.named]
    .filter(([key]) => /^(?:item)?\d+$/.test(key))
    .map(([, text]) => text);
  const lines = [...call.positional, ...numbered].flatMap((text) => text.split('\n'));
  const items = lines.map((line) => line.replace(/^[\s*#:]+/, '').trim());
  return list([call.get('title') === '' ? '' : `${call.get('title')}:`, list(items, ', ')], ' ');
}

/** `{{columns-list|..}}` and boxes around paragraphs: the content, its lines kept. */
export function renderContent(call: TemplateCall): string {
  const content =
    call.get('text', 'content', 'quote') ||
    call.positional.filter((text) => !/^\d+(?:em|px|%)?$/.test(text)).join('\n');
  return `\n${content}\n`;
}

/** `{{quote|text|author|source}}`. */
export function renderQuote(call: TemplateCall): string {
  const text = call.get('text', 'quote') || call.at(1);
  const author = call.get('author', 'sign', 'by') || call.at(2);
  const source = call.get('source', 'title') || call.at(3);
  return `\n\n${list([text, list([author, source], ', ')], ' — ')}\n\n`;
}

/** `{{ill|Title|de|Titel|lt=label}}`: the label of a link to a page that is elsewhere. */
export function renderForeignLink(call: TemplateCall): string {
  return call.get('lt', 'lien', 'texte', 'trad') || call.at(1);
}

/** `{{sortname|First|Last}}`. */
export function renderSortName(call: TemplateCall): string {
  return list([call.at(1), call.at(2)], ' ');
}

/** `{{flag|France|1830}}`, `{{flagicon|FRA}}` shows no text but the flag's own name. */
export function renderFlag(call: TemplateCall): string {
  return call.get('name') || call.at(1);
}

/** `{{legend|#f00|text}}`. */
export function renderLegend(call: TemplateCall): string {
  return `\n\n${call.at(2)}\n\n`;
}

/** `{{USS|Hornet|CV-12|6}}`: `USS Hornet (CV-12)`; other ship prefixes alike. */
export function renderShip(call: TemplateCall): string {
  const prefix = call.name.toUpperCase();
  const name =
    call.name === 'ship' ? list([call.at(1), call.at(2)], ' ') : `${prefix} ${call.at(1)}`;
  const hull = call.name === 'ship' ? call.at(3) : call.at(2);
  return hull === '' ? name : `${name} (${hull})`;
}

/** `{{vol.|1}}` and other words before a number. */
export function before(word: string): (call: TemplateCall) => string {
  return (call) => `${word} ${call.at(1)}`.trim();
}

/** `{{bar percent|Muslim|green|98}}`, `{{bartable|87.5|%|2}}`: the label and the figure. */
export function renderBar(call: TemplateCall): string {
  return call.name === 'bartable'
    ? `${call.at(1)}${call.at(2)}`
    : list([call.at(1), call.at(3) === '' ? '' : `${call.at(3)}%`], ': ');
}

/** `{{lithium-7}}` styles: `{{nuclide|lithium|7}}`: `lithium-7`. */
export function renderNuclide(call: TemplateCall): string {
  return list([call.at(1), call.at(2)], '-');
}

/** `{{historical populations|1900|1000|1910|2000}}` and `{{US Census population|1800= 1250}}`. */
export function renderPopulations(call: TemplateCall, context: PageContext): string {
  const pairs: string[] = [];
  const count = (text: string): string => formatNumber(text, context.language);
  const { positional } = call;
  for (let index = 0; index + 1 < positional.length; index += 2) {
    pairs.push(`${positional[index] ?? ''}: ${count(positional[index + 1] ?? '')}`);
  }
  for (const [key, value] of call.named)
    if (/^\d{4}$/.test(key)) pairs.push(`${key}: ${count(value)}`);
  return pairs.length === 0 ? '' : `\n\nPopulation by year: ${pairs.join('; ')}.\n\n`;
}

/** `{{bibleverse|Mark|3:25|9}}`. */
export function renderVerse(call: TemplateCall): string {
  return list(call.positional.slice(0, 2), ' ');
}
