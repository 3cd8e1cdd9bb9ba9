import type { Anchor } from '../src/types/passage.ts';
import { isListTitle } from './page-kind.ts';
import type { TextPart } from './passage-blocks.ts';
import { removeFileLinks } from './wikitext/file-links.ts';
import { flattenHtml } from './wikitext/html-tags.ts';
import { anchorsIn } from './wikitext/links.ts';
import { linearizeLists } from './wikitext/lists.ts';
import type { PageContext } from './wikitext/page-context.ts';
import { readTemplates } from './wikitext/page-templates.ts';
import { plainText } from './wikitext/plain-text.ts';
import { stripMarkup } from './wikitext/strip-markup.ts';
import { linearizeTables } from './wikitext/tables.ts';
import type { WtfSection } from './wtf-document.ts';
import { parseWikitext } from './wtf-document.ts';

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

export interface ArticleSource extends PageContext {
  readonly text: string;
  /** Names of the file namespace on this site. */
  readonly fileNames: readonly string[];
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
  if (/^\s*#/.test(text)) {
    const doc = parseWikitext(text, title);
    if (doc.isRedirect()) return { kind: 'redirect', target: doc.redirectTo()?.page ?? '' };
  }
  const expanded = readTemplates(removeFileLinks(stripMarkup(text), source.fileNames), source);
  const plain = linearizeLists(flattenHtml(linearizeTables(expanded.text, options.tables)));
  const boxes = options.infoboxes ? expanded.infoboxes.map(flattenHtml) : [];
  const ownSections = [
    ...boxes.map((box) => `== ${ownHeading}infobox ==\n${box}`),
    `== ${ownHeading}templates ==\n${expanded.dropped.map((name) => `{{${name}}}`).join('\n')}`,
  ];
  const whole = [plain, ...ownSections].join('\n\n');
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
