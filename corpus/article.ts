import type { Anchor } from '../src/types/passage.ts';
import type { TextPart } from './passage-blocks.ts';
import { removeHidden } from './wikitext/hidden-text.ts';
import type { WtfSection } from './wikitext/library.ts';
import { parseWikitext } from './wikitext/library.ts';
import { anchorsIn, plainText } from './wikitext/links.ts';
import { linearizeLists } from './wikitext/lists.ts';
import { readTemplates } from './wikitext/page-templates.ts';
import { redirectTarget } from './wikitext/redirect.ts';
import type { LinkNames } from './wikitext/special-links.ts';
import { dropOpenLinks, readAddresses, removeSpecialLinks } from './wikitext/special-links.ts';
import { flattenHtml, stripMarkup } from './wikitext/strip-markup.ts';
import { linearizeTables } from './wikitext/tables.ts';
import type { PageContext } from './wikitext/template-call.ts';

/** What a page's wikitext turned out to be. */
export type Article =
  | { readonly kind: 'redirect'; readonly target: string }
  | {
      readonly kind: 'article' | 'disambiguation' | 'list';
      /** The prose, lists and tables in article order. */
      readonly parts: readonly TextPart[];
      /** Infobox values, one text for each infobox. */
      readonly infoboxes: readonly TextPart[];
      /** The links to other articles; none on disambiguation and list pages. */
      readonly anchors: readonly Anchor[];
    };

export interface ArticleOptions {
  readonly infoboxes: boolean;
  readonly tables: boolean;
}

export interface ArticleSource extends PageContext, LinkNames {
  readonly text: string;
  /** What stands before the colon of links that lead to no article, `|file|category|`. */
  readonly linkPrefixes: string;
}

/** Begins the headings of what is put behind the article; no wiki uses this character. */
const ownHeading = '\u{E000}';

/**
 * Reads a page's wikitext: templates with numbers and dates, tables and lists are made plain first,
 * then the library reads sections, links and what else there is. Throws whatever the library throws
 * at text that it cannot read.
 */
export function parseArticle(source: ArticleSource, options: ArticleOptions): Article {
  const { title, text } = source;
  const target = redirectTarget(text);
  if (target !== undefined) return { kind: 'redirect', target };
  const shown = removeHidden(stripMarkup(text));
  const expanded = readTemplates(removeSpecialLinks(shown, source), source);
  const flat = (wikitext: string): string => flattenHtml(readAddresses(wikitext));
  const plain = linearizeLists(flat(linearizeTables(expanded.text, options.tables)));
  const boxes = options.infoboxes ? expanded.infoboxes.map(flat) : [];
  const ownSections = [
    ...boxes.map((box) => `== ${ownHeading}infobox ==\n${box}`),
    `== ${ownHeading}templates ==\n${expanded.dropped.map((name) => `{{${name}}}`).join('\n')}`,
  ];
  const whole = dropOpenLinks([plain, ...ownSections].join('\n\n'));
  const doc = parseWikitext(whole, title);
  const sections = doc.sections();
  const kind = doc.isDisambiguation() ? 'disambiguation' : isListTitle(title) ? 'list' : 'article';
  return {
    kind,
    parts: sections.filter((section) => !section.title().startsWith(ownHeading)).map(partOf),
    infoboxes: sections
      .filter((section) => section.title() === `${ownHeading}infobox`)
      .map((section) => ({ ...partOf(section), section: 'Infobox' })),
    anchors: kind === 'article' ? anchorsIn(whole, source) : [],
  };
}

function partOf(section: WtfSection): TextPart {
  return { section: plainText(section.title()), text: plainText(section.text()) };
}

/** How list pages are titled, by language; the English forms hold everywhere. */
const listTitles: readonly RegExp[] = [
  /^(?:lists?|index|outline) of /iu, // English
  /^listen? (?:der|von|des|aller|deutscher|bekannter) /iu, // German
  /^listes? (?:des?|du|d['’])/iu, // French
  /^(?:anexo:|listas? (?:de|do|da|dos|das|del|di|dei|delle|degli|över|med) )/iu, // es, pt, it, sv
  /^lijst (?:van|met) /iu, // Dutch
  /^liste over /iu, // Danish, Norwegian
  /^(?:список|списък|списак|спіс|списки) /iu, // Slavic languages in Cyrillic
  /^(?:seznam|zoznam|lista|popis) /iu, // Czech, Slovak, Polish, Croatian
  /^(?:luettelo|loend|sąrašas|saroksts|saraksts) /iu,
  /(?:listája|listesi|sąrašas|saraksts|saroksts)$/iu,
  /(?:一覧|列表|목록)$/u,
  /^(?:قائمة|رشیمة|רשימת) /u,
];

/** Whether a title is that of a list page ("List of mayors of Toronto"). */
function isListTitle(title: string): boolean {
  return listTitles.some((pattern) => pattern.test(title));
}
