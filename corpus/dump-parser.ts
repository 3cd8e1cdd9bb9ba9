import type { SaxesTagPlain } from 'saxes';

import { XmlReader } from './xml-reader.ts';

/** A page as a dump holds it, with the text of its last revision by time, in whatever order they stand. */
export interface DumpPage {
  readonly title: string;
  /** Undefined where the dump's schema does not tell (before 0.6). */
  readonly namespace: number | undefined;
  readonly id: string | undefined;
  /** Target of a redirect, where the dump marks it (from 0.6 on). */
  readonly redirect: string | undefined;
  readonly model: string | undefined;
  /** When that revision was made, as the dump writes it: `2016-04-22T10:19:33Z`. */
  readonly timestamp: string | undefined;
  readonly text: string;
  /** The dump says that this revision's text was deleted; it is empty then. */
  readonly isDeleted: boolean;
  /** The text was over the limit and is left out. */
  readonly isTooLong: boolean;
}

/** What a dump says of its site before the pages; '' where it says nothing. */
export interface DumpSite {
  readonly name: string;
  /** Address of the main page. */
  readonly base: string;
  readonly language: string;
  /** Names of the namespaces, by number. */
  readonly namespaces: ReadonlyMap<number, string>;
}

/** Text that is no dump, or a dump that is cut or broken; the message says where. */
export class DumpSyntaxError extends Error {}

/** MediaWiki refuses pages over 2 MiB; what is far longer is damage. */
const maxTextChars = 16 * 2 ** 20;
/** Elements deeper than this hold nothing that is read. */
const readDepth = 4;
const maxNamespaces = 1000;
const maxTitleCharsShown = 100;

type Fields = Record<string, string>;

/** A revision of a page as it is read. */
interface Revision {
  readonly fields: Fields;
  isDeleted: boolean;
  isTooLong: boolean;
}

/**
 * Whether a revision that stands later in the dump is the later one: by its time, which is written so that
 * its characters sort; without a time, by its place.
 */
function isLater(next: Revision, last: Revision | undefined): boolean {
  const [a, b] = [last?.fields['timestamp']?.trim() ?? '', next.fields['timestamp']?.trim() ?? ''];
  return a === '' || b === '' || b >= a;
}

/**
 * Reads MediaWiki export XML (schema 0.3 to 0.11) piece by piece. Elements are told by their path,
 * so that unknown ones do no harm. Time is linear in the text, and memory
 * holds one page and what was written last. Throws {@link DumpSyntaxError}.
 */
export class DumpParser {
  readonly #xml = new XmlReader(maxTextChars, {
    open: (tag) => {
      this.#open(tag);
    },
    close: (name) => {
      this.#close(name);
    },
    text: (text, chars) => {
      this.#collect(text, chars);
    },
    refused: (problem) => this.#refused(problem),
  });
  readonly #path: string[] = [];
  #text: string[] = [];
  #chars = 0;
  #page: Fields | undefined;
  /** The last revision of the page by its time so far, and the one that is open. */
  #last: Revision | undefined;
  #revision: Revision | undefined;
  #done: DumpPage[] = [];
  #pages = 0;
  #lastTitle = '';
  readonly #site: Fields = {};
  readonly #namespaces = new Map<number, string>();
  #namespaceKey = Number.NaN;

  write(text: string): void {
    this.#xml.write(text);
  }

  /** The pages that ended since the last call, also where `write` then met an error. */
  take(): DumpPage[] {
    const done = this.#done;
    this.#done = [];
    return done;
  }

  /** Checks that the dump is whole. */
  end(): void {
    this.#xml.close();
  }

  /** Known from the first page on; fields that the dump does not have are empty. */
  get site(): DumpSite {
    const { base = '', sitename = '', language = '' } = this.#site;
    return { base, name: sitename, language, namespaces: this.#namespaces };
  }

  /** Names of the elements that are open, `mediawiki/page/title`; '' deeper than anything is read. */
  #openPath(): string {
    return this.#path.length > readDepth ? '' : this.#path.join('/');
  }

  #open(tag: SaxesTagPlain): void {
    this.#path.push(tag.name);
    this.#text = [];
    this.#chars = 0;
    const path = this.#openPath();
    if (this.#path.length === 1) this.#openRoot(tag);
    else if (path === 'mediawiki/page') {
      this.#page = {};
      this.#last = undefined;
    } else if (path === 'mediawiki/page/revision') {
      this.#revision = { fields: {}, isDeleted: false, isTooLong: false };
    } else if (path === 'mediawiki/page/revision/text') {
      if (this.#revision !== undefined && 'deleted' in tag.attributes) {
        this.#revision.isDeleted = true;
      }
    } else if (path === 'mediawiki/page/redirect') {
      this.#page = { ...this.#page, redirect: tag.attributes['title'] ?? '' };
    } else if (path === 'mediawiki/siteinfo/namespaces/namespace') {
      this.#namespaceKey = Number(tag.attributes['key']);
    }
  }

  #openRoot(tag: SaxesTagPlain): void {
    if (tag.name !== 'mediawiki') {
      throw new DumpSyntaxError(`the first element is <${tag.name}>, not <mediawiki>`);
    }
    this.#site['language'] = tag.attributes['xml:lang'] ?? '';
  }

  #collect(text: string, chars: number): void {
    if (this.#path.length < 3) return;
    this.#chars += chars;
    if (this.#chars > maxTextChars) {
      this.#text = [];
      if (this.#revision !== undefined) this.#revision.isTooLong = true;
    } else this.#text.push(text);
  }

  #close(name: string): void {
    const path = this.#openPath();
    this.#path.pop();
    const text = this.#text.join('');
    this.#text = [];
    if (path === 'mediawiki/page') this.#endPage();
    else if (path === 'mediawiki/page/revision') this.#endRevision();
    else if (path.startsWith('mediawiki/page/')) this.#endPageField(path, name, text);
    else if (path === 'mediawiki/siteinfo/namespaces/namespace') {
      this.#addNamespace(text);
    } else if (/^mediawiki\/siteinfo\/(?:base|sitename|language)$/.test(path)) {
      this.#site[name] = text;
    }
  }

  #addNamespace(name: string): void {
    this.#namespaces.set(this.#namespaceKey, name);
    if (this.#namespaces.size > maxNamespaces) {
      throw this.#refused(`there are more than ${maxNamespaces} namespaces`);
    }
  }

  #endPageField(path: string, name: string, text: string): void {
    if (/^mediawiki\/page\/(?:title|ns|id)$/.test(path)) {
      if (this.#page !== undefined) this.#page[name] = text;
    } else if (/^mediawiki\/page\/revision\/(?:text|model|timestamp)$/.test(path)) {
      if (this.#revision !== undefined) this.#revision.fields[name] = text;
    }
  }

  #endRevision(): void {
    const revision = this.#revision;
    this.#revision = undefined;
    if (revision !== undefined && isLater(revision, this.#last)) this.#last = revision;
  }

  #endPage(): void {
    const { title = '', ns, id, redirect } = this.#page ?? {};
    const { model, timestamp, text = '' } = this.#last?.fields ?? {};
    const { isTooLong = false, isDeleted = false } = this.#last ?? {};
    this.#page = undefined;
    this.#last = undefined;
    this.#pages += 1;
    this.#lastTitle = title;
    this.#done.push({
      title,
      namespace: ns === undefined || !/^-?\d+$/.test(ns.trim()) ? undefined : Number(ns),
      id: id?.trim(),
      redirect,
      model,
      timestamp: timestamp?.trim(),
      text: isTooLong ? '' : text,
      isDeleted,
      isTooLong,
    });
  }

  #refused(problem: string): DumpSyntaxError {
    return new DumpSyntaxError(`${problem}, ${this.#where()}`);
  }

  #where(): string {
    const after = this.#pages === 0 ? 'before the first page' : `after page ${this.#pages}`;
    const title =
      this.#lastTitle === '' ? '' : ` (${this.#lastTitle.slice(0, maxTitleCharsShown)})`;
    return `line ${this.#xml.line}, ${after}${title}`;
  }
}
