import { readFormula } from './formula.ts';

/** Elements whose content is no text of the article. */
const dropped = [
  'ref',
  'references',
  'timeline',
  'imagemap',
  'score',
  'graph',
  'mapframe',
  'maplink',
  'templatestyles',
  'templatedata',
  'inputbox',
  'categorytree',
  'hiero',
  'syntaxhighlight',
  'source',
  'includeonly',
  'style',
] as const;

/** Elements whose content is text as it stands: no links, no templates. */
const literal = ['nowiki', 'pre'] as const;

const specialChars = /[[\]{}|'=*#:;<>&]/g;

/** Text as wikitext that shows it. */
function asLiteral(text: string): string {
  return text.replaceAll(specialChars, (char) => `&#${String(char.charCodeAt(0))};`);
}

/**
 * Takes comments, references and other elements without article text out of a wikitext, and makes
 * the content of `<nowiki>` literal. Linear in the length; an element that does not end loses its
 * tag only.
 */
export function stripMarkup(wikitext: string): string {
  let text = withoutComments(wikitext);
  for (const name of dropped) text = replaceElement(text, name, () => ' ');
  for (const name of literal) {
    text = replaceElement(text, name, asLiteral);
  }
  text = replaceElement(text, 'gallery', galleryCaptions);
  for (const name of ['math', 'ce', 'chem']) {
    text = replaceElement(text, name, (formula) => ` ${asLiteral(readFormula(formula))} `);
  }
  return text
    .replaceAll(/<\/?(?:noinclude|onlyinclude)\s*>/gi, '')
    .replaceAll(/__[\p{Lu}\p{Lo}\p{M}_]{3,30}__|~{3,5}/gu, '')
    .replaceAll(/^-{4,}/gm, '')
    .replaceAll('\r', '');
}

const galleryOptions =
  /^(?:\s*(?:(?:alt|link|class|page|lang)\s*=[^|]*|thumb|thumbnail|mini|left|right|center|\d+px)\s*(?:\||$))+/i;

/** `File:a.jpg|caption` lines: the captions are text. */
function galleryCaptions(content: string): string {
  const captions = content.split('\n').map((line) => {
    const pipe = line.indexOf('|');
    return pipe < 0 ? '' : line.slice(pipe + 1).replace(galleryOptions, '');
  });
  return `\n\n${captions.filter((caption) => caption.trim() !== '').join('\n\n')}\n\n`;
}

/** Without comments; one that does not end hides the rest of the page. */
function withoutComments(text: string): string {
  const kept: string[] = [];
  let position = 0;
  for (;;) {
    const start = text.indexOf('<!--', position);
    kept.push(text.slice(position, start < 0 ? undefined : start));
    const end = start < 0 ? -1 : text.indexOf('-->', start + 4);
    if (end < 0) break;
    position = end + 3;
  }
  return kept.join('');
}

function replaceElement(text: string, name: string, replace: (content: string) => string): string {
  const opening = new RegExp(`<${name}(?=[\\s/>])`, 'gi');
  const closing = new RegExp(`</${name}\\s*>`, 'gi');
  const kept: string[] = [];
  let position = 0;
  for (;;) {
    opening.lastIndex = position;
    const open = opening.exec(text);
    const tagEnd = open === null ? -1 : text.indexOf('>', open.index);
    if (open === null || tagEnd < 0) break;
    kept.push(text.slice(position, open.index));
    position = tagEnd + 1;
    if (text[tagEnd - 1] === '/') continue;
    closing.lastIndex = position;
    const close = closing.exec(text);
    if (close === null) {
      // No end anywhere: then there is none for the tags that follow either.
      const tag = new RegExp(`<${name}(?:[\\s/][^<>]*)?>`, 'gi');
      kept.push(text.slice(position).replaceAll(tag, ''));
      return kept.join('');
    }
    kept.push(replace(text.slice(position, close.index)));
    position = close.index + close[0].length;
  }
  kept.push(text.slice(position));
  return kept.join('');
}

const paragraphTags =
  /<\/?(?:p|div|center|blockquote|poem|tr|table|ul|ol|dl|caption|tbody|hr|section|h[1-6])(?:\s[^<>]*)?\/?>/gi;
const inlineTags =
  /<\/?(?:span|font|small|big|abbr|s|del|ins|u|tt|var|cite|code|kbd|samp|strong|em|b|i|q|mark|bdi|bdo|ruby|rb|rt|rp|dfn|strike|nobr|td|th|ce|chem|time|data|li|dt|dd|wbr|br|noinclude|indicator|section)(?:\s[^<>]*)?\/?>/gi;

/**
 * Replaces HTML by what it shows: line and paragraph ends, list items, powers (`10<sup>6</sup>` is
 * `10^6`, `m<sup>2</sup>` is `m2`); other tags lose themselves and keep their content.
 */
export function flattenHtml(text: string): string {
  return text
    .replaceAll(/<li(?:\s[^<>]*)?>/gi, '\n* ')
    .replaceAll(/(\d)<sup(?:\s[^<>]*)?>\s*([-−+]?[\d.]+)/gi, '$1^$2')
    .replaceAll(/<\/?(?:sup|sub)(?:\s[^<>]*)?\/?>/gi, '')
    .replaceAll(/<br\b[^<>]{0,100}>/gi, ' ')
    .replaceAll(/<(?:td|th|dd)(?:\s[^<>]*)?>/gi, ' ')
    .replaceAll(paragraphTags, '\n\n')
    .replaceAll(inlineTags, '');
}
