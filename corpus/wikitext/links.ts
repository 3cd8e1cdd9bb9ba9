import { decodeHTML } from 'entities';

import type { Anchor } from '../../src/types/passage.ts';

/** The page that links stand in. */
interface LinkingPage {
  readonly title: string;
  /** What stands before the colon of links that lead to no article, `|file|category|`. */
  readonly linkPrefixes: string;
}

/**
 * Innermost links; letters behind one belong to its text. Text with a second pipe is that of a file
 * (https://www.mediawiki.org/wiki/Help:Links).
 */
const link = /\[\[([^[\]|{}<>\n]{1,255})(?:\|([^[\]|{}<>]{0,500}))?\]\](\p{Ll}*)/gu;
/** Other wikis are written `fr:Paris`: small letters, no space behind the colon. */
const otherWiki = /^[a-z][a-z-]*:(?! )/;

/**
 * The links of a wikitext to articles of its wiki, each pair of visible text and title once, in
 * order. Left out are links into other namespaces, to other wikis and within the page, and those
 * that show nothing.
 */
export function anchorsIn(wikitext: string, page: LinkingPage): Anchor[] {
  const anchors = new Map<string, Anchor>();
  for (const [, target = '', label, tail = ''] of wikitext.matchAll(link)) {
    const title = articleTitle(target, page);
    if (title === undefined) continue;
    const anchor = visibleText((label ?? target.replace(/^\s*:/, '')) + tail);
    if (anchor !== '') anchors.set(`${anchor}\n${title}`, { anchor, title });
  }
  return [...anchors.values()];
}

/** The page's name and the place on it that a link's target names, without the colon before it. */
function nameAndPlace(target: string): readonly string[] {
  const decoded = target.includes('&') ? decodeHTML(target) : target;
  const address = decoded.replaceAll(/[\s_\u200E\u200F]+/g, ' ').trim();
  return address.replace(/^: ?/, '').split(/ ?# ?/);
}

/**
 * The title of a redirect's target, as MediaWiki writes it: `B c` of `:b_c#d`. Entities may be written
 * twice over and letters as `%C3%A9`, as in addresses.
 */
export function titleOf(target: string): string {
  const [name = ''] = nameAndPlace(decodeHTML(target));
  return capitalized(percentDecoded(name)).trim();
}

function percentDecoded(text: string): string {
  if (!/%[0-9a-f]{2}/i.test(text)) return text;
  try {
    return decodeURIComponent(text).replaceAll('_', ' ');
  } catch {
    return text;
  }
}

/** The title that a link's target stands for, as MediaWiki writes it. */
function articleTitle(target: string, page: LinkingPage): string | undefined {
  const [name = '', ...place] = nameAndPlace(target);
  if (name === '' || leadsElsewhere(name, page)) return undefined;
  const title = capitalized(name);
  if (title === page.title) return undefined;
  return place.length === 0 ? title : `${title}#${place.join('#')}`;
}

function leadsElsewhere(name: string, { linkPrefixes }: LinkingPage): boolean {
  const colon = name.indexOf(':');
  if (colon <= 0) return false;
  const prefix = name.slice(0, colon).trim().toLowerCase();
  return otherWiki.test(name) || linkPrefixes.includes(`|${prefix}|`);
}

/** Titles begin with a capital letter; MediaWiki leaves Georgian letters as they are. */
function capitalized(name: string): string {
  return name.replace(/^(?!\p{Script=Georgian})\p{Ll}/u, (letter) => {
    const capital = letter.toUpperCase();
    return capital.length === letter.length ? capital : letter;
  });
}

const needsCleaning = /['&\u200B\u200E\u200F\u2060\uFEFF\u00AD()]|\s\s|[^\S ]|^\s|\s$|\s[,;.]/;

/** A link's text as the passages show it; most texts stand as they are. */
function visibleText(text: string): string {
  return needsCleaning.test(text) ? plainText(text) : text;
}

/** What is left to clean in the library's text: brackets, gaps that templates left, entities. */
export function plainText(text: string): string {
  const unmarked = text
    .replaceAll(/'''+|''/g, '')
    .replaceAll(/\[\[(?:[^[\]|]*\|)?([^[\]]*)\]\]/g, '$1')
    .replaceAll(/\{\{[^{}]*\}\}|\[\[|\]\]|\{\{|\}\}/g, ' ');
  // Entities last: what they stand for is literal.
  return decodeHTML(unmarked)
    .replaceAll(/[\u200B\u200E\u200F\u2060\uFEFF\u00AD]/g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\(\s*[,;:·]*\s*\)/g, '')
    .replaceAll(/\(\s*[,;:]\s*/g, '(')
    .replaceAll(/\s*[,;:]\s*\)/g, ')')
    .replaceAll(/\s+([,;.)])(?=\s|$)/g, '$1')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
