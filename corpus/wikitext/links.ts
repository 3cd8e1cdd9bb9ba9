import { decodeHTML } from 'entities';

import type { Anchor } from '../../src/types/passage.ts';
import { removeQuoteMarks } from './quotes.ts';

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
  return needsCleaning.test(text) ? plainText(removeQuoteMarks(text)) : text;
}

/** An open link: what stands before its first pipe and behind it. */
interface OpenLink {
  target: string;
  label: string | undefined;
}

const linkToken = /\[\[|\]\]|\||\n\s*\n/g;

/**
 * Puts what links show in their place: the label of `[[Title|label]]`, else the title, without a colon
 * before it. Links end within their paragraph; of what does not end only the brackets go. Linear in the
 * length.
 */
export function showLinks(wikitext: string): string {
  if (!wikitext.includes('[[') && !wikitext.includes(']]')) return wikitext;
  const open: OpenLink[] = [];
  let shown = '';
  const add = (text: string): void => {
    const link = open.at(-1);
    if (link === undefined) shown += text;
    else if (link.label === undefined) link.target += text;
    else link.label += text;
  };
  const endAll = (): void => {
    for (let link = open.pop(); link !== undefined; link = open.pop()) {
      add(link.label === undefined ? link.target : `${link.target}|${link.label}`);
    }
  };
  let position = 0;
  for (const { 0: token, index } of wikitext.matchAll(linkToken)) {
    add(wikitext.slice(position, index));
    position = index + token.length;
    const link = open.at(-1);
    if (token === '[[') open.push({ target: '', label: undefined });
    else if (token === ']]') {
      open.pop();
      if (link !== undefined) add(shownOf(link));
    } else if (token === '|' && link !== undefined && link.label === undefined) link.label = '';
    else {
      if (token !== '|') endAll();
      add(token);
    }
  }
  add(wikitext.slice(position));
  endAll();
  return shown;
}

function shownOf({ target, label = '' }: OpenLink): string {
  return label === '' ? target.replace(/^\s*:/, '') : label;
}

/** Chinese and Japanese sentences stand without a blank between them: passages are cut at blanks. */
const betweenSentences = /。(?=[^\s」』）)】〉》"”。])/g;

/**
 * The text of a wikitext that has only links and entities left, in one line.
 */
export function plainText(wikitext: string): string {
  const unmarked = showLinks(wikitext).replaceAll(/\{\{[^{}]*\}\}|\{\{|\}\}/g, ' ');
  // Entities last: what they stand for is literal.
  return decodeHTML(unmarked)
    .replaceAll(/[\u200B\u200E\u200F\u2060\uFEFF\u00AD]/g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\( ?[,;:·]* ?\)/g, '')
    .replaceAll(/\( ?[,;:] ?/g, '(')
    .replaceAll(/ ?[,;:] ?\)/g, ')')
    .replaceAll(/ ([,;.)])(?= |$)/g, '$1')
    .replaceAll(/ {2,}/g, ' ')
    .replaceAll(betweenSentences, '$& ')
    .trim();
}
