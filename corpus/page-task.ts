import type { Anchor, Passage } from '../src/types/passage.ts';
import type { ArticleOptions, ArticleSource } from './article.ts';
import { parseArticle } from './article.ts';
import type { BlockOptions } from './passage-blocks.ts';
import { cutBlocks } from './passage-blocks.ts';

/** Options that a worker needs; the same for all pages. */
export interface PageOptions extends ArticleOptions, BlockOptions {
  readonly disambiguation: boolean;
  readonly lists: boolean;
}

/** A page on its way to a worker. */
export interface PageRequest extends ArticleSource {
  readonly id: string;
  readonly url: string | undefined;
}

/** What became of a page; every page has exactly one outcome. */
export type PageResult =
  | {
      readonly outcome: 'articles' | 'disambiguation' | 'lists' | 'empty';
      readonly passages: readonly Passage[];
      readonly anchors: readonly Anchor[];
    }
  | { readonly outcome: 'redirects'; readonly target: string };

const outcomes = { article: 'articles', disambiguation: 'disambiguation', list: 'lists' } as const;

/**
 * Turns a page into passages with the ids `pageId-0`, `pageId-1`, ...: first its text in article
 * order, then its infoboxes, so that the text's ids do not depend on whether infoboxes are written.
 * Throws what the parser throws.
 */
export function passagesOfPage(page: PageRequest, options: PageOptions): PageResult {
  const article = parseArticle(page, options);
  if (article.kind === 'redirect') return { outcome: 'redirects', target: article.target };
  const outcome = outcomes[article.kind];
  const isLeftOut =
    (article.kind === 'disambiguation' && !options.disambiguation) ||
    (article.kind === 'list' && !options.lists);
  if (isLeftOut) return { outcome, passages: [], anchors: [] };
  const blocks = [article.parts, ...article.infoboxes.map((box) => [box])].flatMap((parts) =>
    cutBlocks(parts, options),
  );
  if (blocks.length === 0) return { outcome: 'empty', passages: [], anchors: [] };
  const passages = blocks.map(({ section, text }, n): Passage => ({
    id: `${page.id}-${n}`,
    title: page.title,
    text,
    ...(section === '' ? {} : { section }),
    ...(page.url === undefined ? {} : { url: page.url }),
    ...(article.kind === 'article' ? {} : { flag: article.kind }),
  }));
  return { outcome, passages, anchors: article.anchors };
}
