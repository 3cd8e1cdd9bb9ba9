import { hash } from 'node:crypto';

import type { CorpusConfig } from '../src/config/corpus.ts';
import { isSspError, messageOf } from '../src/errors/error.ts';
import type { DumpPage, DumpSite } from './dump-parser.ts';
import { IdSet } from './id-set.ts';
import type { PageOptions, PageRequest, PageResult } from './page-task.ts';
import type { SitedPage } from './read-dump.ts';
import { TaskPool } from './task-pool.ts';

/** What became of a page: one of these for every page that is read. */
export type Settled =
  | PageResult
  | { readonly outcome: 'other-namespace' | 'other-model' }
  | { readonly outcome: 'duplicates' | 'failed'; readonly reason: string };

/** The options that change the passages, as workers get them and the manifest keeps them. */
export function pageOptions(config: CorpusConfig): PageOptions {
  const { words, overlap, minWords, disambiguation, lists, infoboxes, tables, variant } = config;
  const chosen = variant === undefined ? {} : { variant };
  return { words, overlap, minWords, disambiguation, lists, infoboxes, tables, ...chosen };
}

/** Worker threads that turn pages into passages. */
export type PagePool = TaskPool<PageRequest, PageResult>;

/** Starts `workers` threads for pages. */
export function startPagePool(config: CorpusConfig, workers: number): PagePool {
  return new TaskPool({
    script: new URL('./page-worker.ts', import.meta.url),
    workerData: pageOptions(config),
    workers,
    taskTimeoutMs: config.pageTimeoutMs,
  });
}

/** Decides what becomes of each page; wikitext goes to worker threads. */
export class PageSettler {
  readonly #namespaces: ReadonlySet<number>;
  readonly #ids = new IdSet();
  readonly #pool: PagePool;

  constructor(namespaces: readonly number[], pool: PagePool) {
    this.#namespaces = new Set(namespaces);
    this.#pool = pool;
  }

  /**
   * Pages have to come in dump order. With `isDone` the page was settled by an earlier run and is
   * only remembered: undefined comes back. Throws SSP_WORKER_FAILED.
   */
  async settle({ page, site }: SitedPage, isDone: boolean): Promise<Settled | undefined> {
    if (!this.#namespaces.has(namespaceOf(page, site))) return { outcome: 'other-namespace' };
    const id = pageIdOf(page);
    if (!this.#ids.add(id)) {
      return { outcome: 'duplicates', reason: `a page with the id ${id} was read before` };
    }
    if (isDone) return undefined;
    if (page.isTooLong) return { outcome: 'failed', reason: 'its text is over 16 MiB long' };
    if (page.redirect) return { outcome: 'redirects', target: page.redirect };
    if (page.model !== undefined && page.model !== 'wikitext') return { outcome: 'other-model' };
    return this.#parse({
      id,
      title: page.title,
      url: pageUrl(site, page.title),
      language: languageOf(site),
      fileNames: namesOf(site, fileNamespace),
      categoryNames: namesOf(site, categoryNamespace),
      linkPrefixes: linkPrefixesOf(site),
      editedAt: page.timestamp,
      text: page.text,
    });
  }

  async #parse(page: PageRequest): Promise<Settled> {
    try {
      return await this.#pool.run(page);
    } catch (error) {
      if (isSspError(error)) throw error;
      return { outcome: 'failed', reason: messageOf(error) };
    }
  }
}

/** The address of a page, as MediaWiki writes it; undefined where the dump names no site. */
function pageUrl(site: DumpSite, title: string): string | undefined {
  if (!site.base.includes('/')) return undefined;
  const folder = site.base.slice(0, site.base.lastIndexOf('/') + 1);
  const name = encodeURIComponent(title.replaceAll(' ', '_'));
  return folder + name.replaceAll(/%(?:3A|2F|2C|40|24|3B)/g, decodeURIComponent);
}

/**
 * The number of a page's namespace: as the dump says, or (schema before 0.6) by the prefix of its
 * title; 0 where neither tells.
 */
function namespaceOf(page: DumpPage, site: DumpSite): number {
  if (page.namespace !== undefined) return page.namespace;
  const colon = page.title.indexOf(':');
  if (colon <= 0) return 0;
  const prefix = page.title.slice(0, colon);
  for (const [number, name] of site.namespaces) if (name === prefix) return number;
  return 0;
}

/** The language of the site's texts; English where the dump does not say. */
function languageOf(site: DumpSite): string {
  return site.language === '' ? 'en' : site.language;
}

const fileNamespace = 6;
const categoryNamespace = 14;

/** What the dump calls a namespace; English names hold everywhere. */
function namesOf(site: DumpSite, namespace: number): readonly string[] {
  const name = site.namespaces.get(namespace);
  return name === undefined || name === '' ? [] : [name];
}

// English names and abbreviations of namespaces, and sister projects.
const commonPrefixes = [
  'category file image media help template module portal special user draft wikipedia project',
  'talk wp mos wiktionary wikt commons wikimedia wikisource wikiquote wikibooks wikinews',
  'wikiversity wikivoyage wikidata wikispecies meta mediawiki',
].flatMap((names) => names.split(' '));
const prefixesBySite = new WeakMap<DumpSite, string>();

/**
 * What stands before the colon of links that lead to no article: names in small letters, each
 * between bars. One text, as it goes to a worker with every page.
 */
export function linkPrefixesOf(site: DumpSite): string {
  const known = prefixesBySite.get(site);
  if (known !== undefined) return known;
  const own = [...site.namespaces].filter(([number]) => number !== 0);
  const names = [...commonPrefixes, ...own.map(([, name]) => name.toLowerCase())];
  const prefixes = `|${names.join('|')}|`;
  prefixesBySite.set(site, prefixes);
  return prefixes;
}

/** The id of a page; where the dump has none (schema 0.3), one that follows from the title. */
function pageIdOf(page: DumpPage): string {
  return page.id !== undefined && /^\d+$/.test(page.id)
    ? page.id
    : `t${hash('sha256', page.title).slice(0, 16)}`;
}
