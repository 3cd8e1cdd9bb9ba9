import {
  categoryNamespaces,
  fileNamespaces,
  languagePrefixes,
  wikiPrefixes,
} from './namespace-names.ts';

/** What a wiki calls the namespaces whose links show no text of the article. */
export interface LinkNames {
  /** Language code of the site: links with it lead to the wiki itself. */
  readonly language: string;
  /** Names of the file namespace on this site. */
  readonly fileNames: readonly string[];
  /** Names of the category namespace on this site. */
  readonly categoryNames: readonly string[];
}

const opening = /\[\[[\s_]*(:?)[\s_]*([^[\]|{}<>:\n#]{1,60}):/gu;
const fileEnding = /^[^[\]|{}<>\n]{1,240}\.[a-z0-9]{2,5}[\s_\u200E\u200F]*(?:\||\]\])/i;

/**
 * Takes the links out of a wikitext that show nothing in the text of an article: to files, with their
 * captions and the links in them, to categories, and to the same page in other languages. Links to
 * other wikis become the text that they show, without the prefix. Linear in the length.
 */
export function removeSpecialLinks(wikitext: string, names: LinkNames): string {
  const own = {
    files: new Set(['file', 'image', ...names.fileNames.map(normal)]),
    categories: new Set(['category', ...names.categoryNames.map(normal)]),
    language: names.language,
  };
  const ends = linkEnds(wikitext);
  const kept: string[] = [];
  let position = 0;
  for (const match of wikitext.matchAll(opening)) {
    const end = ends.get(match.index);
    if (match.index < position || end === undefined) continue;
    const name = wikitext.slice(match.index + match[0].length, end);
    const shown = shownText(normal(match[2] ?? ''), name, match[1] === ':', own);
    if (shown === undefined) continue;
    kept.push(wikitext.slice(position, match.index), shown);
    position = end;
  }
  kept.push(wikitext.slice(position));
  return kept.join('');
}

interface OwnNames {
  readonly files: ReadonlySet<string>;
  readonly categories: ReadonlySet<string>;
  readonly language: string;
}

function normal(name: string): string {
  return name
    .replaceAll(/[\s_]+/g, ' ')
    .trim()
    .toLowerCase();
}

/**
 * What a link shows, by what stands before its colon and `rest` behind it up to the end of the link;
 * undefined for a link that stays. With a colon before it (`[[:fr:Ville]]`) a link always shows.
 */
function shownText(
  prefix: string,
  rest: string,
  isShown: boolean,
  own: OwnNames,
): string | undefined {
  if (wikiPrefixes.has(prefix)) return textOf(rest);
  const isLanguage = languagePrefixes.has(prefix);
  if (isShown) return isLanguage ? textOf(rest) : undefined;
  if (own.files.has(prefix) || own.categories.has(prefix)) return '';
  if (isLanguage) return prefix === own.language ? textOf(rest) : '';
  if (categoryNamespaces.has(prefix)) return '';
  // A foreign name may be a word of this language: only what is called like a file is one.
  return fileNamespaces.has(prefix) && fileEnding.test(rest) ? '' : undefined;
}

/** The label of a link, else its target. */
function textOf(rest: string): string {
  const content = rest.slice(0, -2);
  const pipe = content.indexOf('|');
  const label = pipe < 0 ? '' : content.slice(pipe + 1).trim();
  return label === '' ? content.slice(0, pipe < 0 ? undefined : pipe).trim() : label;
}

const bracket = /\[\[|\]\]/g;
const maxLinkChars = 10_000;

/** Where the links end that begin at a place, inner ones too; links that do not end have none. */
function linkEnds(text: string): ReadonlyMap<number, number> {
  const ends = new Map<number, number>();
  const open: number[] = [];
  for (const match of text.matchAll(bracket)) {
    if (match[0] === '[[') {
      open.push(match.index);
      continue;
    }
    const start = open.pop();
    const isLink = start !== undefined && match.index - start <= maxLinkChars;
    if (isLink) ends.set(start, match.index + 2);
  }
  return ends;
}

const address =
  /\[(?:(?:https?|ftps?|ircs?|gopher|news|git|svn|ssh|telnet|nntp|worldwind|redis|mms):\/\/|mailto:|news:|tel:|sms:|geo:|magnet:|urn:|xmpp:|\/\/)[^\s[\]<>"]+[^\S\n]*((?:[^[\]\n]|\[\[[^[\]\n]*\]\])*)\]/gi;

/** Links by address show their text, and nothing where they have none. */
export function readAddresses(wikitext: string): string {
  return wikitext.replaceAll(address, '$1');
}
