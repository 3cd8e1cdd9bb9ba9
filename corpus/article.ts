import type { Anchor } from '../src/types/passage.ts';
import type { TextPart } from './passage-blocks.ts';
import { removeHidden } from './wikitext/hidden-text.ts';
import { isDisambiguation } from './wikitext/library.ts';
import { anchorsIn, plainText } from './wikitext/links.ts';
import { linearizeLists } from './wikitext/lists.ts';
import { readTemplates } from './wikitext/page-templates.ts';
import { removeQuoteMarks } from './wikitext/quotes.ts';
import { redirectTarget } from './wikitext/redirect.ts';
import type { Section } from './wikitext/sections.ts';
import { sectionsOf } from './wikitext/sections.ts';
import type { LinkNames } from './wikitext/special-links.ts';
import { readAddresses, removeSpecialLinks } from './wikitext/special-links.ts';
import { flattenHtml, stripMarkup } from './wikitext/strip-markup.ts';
import { linearizeTables } from './wikitext/tables.ts';
import type { PageContext } from './wikitext/template-call.ts';
import { chooseVariant } from './wikitext/variants.ts';

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
  /** What is taken of text in several variants, `zh-tw`; by default the nearest to the site's language. */
  readonly variant?: string | undefined;
}

export interface ArticleSource extends PageContext, LinkNames {
  readonly text: string;
  /** What stands before the colon of links that lead to no article, `|file|category|`. */
  readonly linkPrefixes: string;
}

/**
 * Reads a page's wikitext: what does not show is taken out, templates, tables and lists become text,
 * and what is left is divided at the headings. Throws whatever the library throws at a template that it
 * cannot read.
 */
export function parseArticle(source: ArticleSource, options: ArticleOptions): Article {
  const { title, text } = source;
  const target = redirectTarget(text);
  if (target !== undefined) return { kind: 'redirect', target };
  const stripped = removeHidden(stripMarkup(text));
  const shown = chooseVariant(stripped, source.language, options.variant);
  const expanded = readTemplates(removeSpecialLinks(shown, source), source);
  const flat = (wikitext: string): string => flattenHtml(readAddresses(removeQuoteMarks(wikitext)));
  const plain = linearizeLists(flat(linearizeTables(expanded.text, options.tables)));
  const boxes = options.infoboxes ? expanded.infoboxes.map(flat) : [];
  const parts = sectionsOf(plain).map(partOf);
  const lead = parts.find((part) => part.text !== '')?.text ?? '';
  const kind = isDisambiguation(title, lead, expanded.others)
    ? 'disambiguation'
    : isListTitle(title)
      ? 'list'
      : 'article';
  return {
    kind,
    parts,
    infoboxes: boxes.map((box) => ({ section: 'Infobox', text: plainText(box) })),
    anchors: kind === 'article' ? anchorsIn([plain, ...boxes].join('\n\n'), source) : [],
  };
}

function partOf({ title, wikitext }: Section): TextPart {
  return { section: plainText(title), text: plainText(wikitext) };
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
