import type { CorpusConfig } from '../src/config/corpus.ts';
import { isSspError, messageOf } from '../src/errors/error.ts';
import { IdSet } from './id-set.ts';
import {
  fileNamesOf,
  languageOf,
  linkPrefixesOf,
  namespaceOf,
  pageIdOf,
  pageUrl,
} from './page-address.ts';
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
  const { words, overlap, minWords, disambiguation, lists, infoboxes, tables } = config;
  return { words, overlap, minWords, disambiguation, lists, infoboxes, tables };
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
      fileNames: fileNamesOf(site),
      linkPrefixes: linkPrefixesOf(site),
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
