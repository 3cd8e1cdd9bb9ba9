import type { SaxesTagPlain } from 'saxes';
import { SaxesParser } from 'saxes';

/** A page as a dump holds it, with the text of its last revision. */
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
/** A dump has elements in elements in elements, five deep; what is far deeper is none. */
const maxDepth = 100;
/** Elements deeper than this hold nothing that is read. */
const readDepth = 4;
const maxNameChars = 1000;
const maxAttributes = 100;
const maxAttributeChars = 2 ** 20;
const maxNamespaces = 1000;
/** Characters that may lie in strings of their own, one for each entity, until they are put together. */
const maxLooseChars = 2 ** 20;
const maxTitleCharsShown = 100;

/**
 * What saxes has gathered of a piece that has not ended: text, an attribute's value, a comment; a name.
 * Its types call these fields private, but it has no limits of its own, and without one a text that
 * never ends would fill the memory.
 */
interface Gathered {
  text: string;
  readonly name: string;
  readonly entity: string;
  readonly piTarget: string;
}

type Fields = Record<string, string>;

/**
 * Reads MediaWiki export XML (schema 0.3 to 0.11) piece by piece. Elements are told by their path,
 * so that unknown ones do no harm. Time is linear in the text, and memory holds one page at most.
 * Throws {@link DumpSyntaxError}.
 */
export class DumpParser {
  readonly #sax = new SaxesParser<{ position: true; xmlns: false }>({
    position: true,
    xmlns: false,
  });
  readonly #path: string[] = [];
  #text: string[] = [];
  #chars = 0;
  #page: Fields | undefined;
  #isTooLong = false;
  /** Characters of the gathered text that are one string already. */
  #flatChars = 0;
  /** Characters of it that were let go. */
  #droppedChars = 0;
  /** Of the tag that is being read; undefined between tags. */
  #attributes: { count: number; chars: number } | undefined;
  #done: DumpPage[] = [];
  #pages = 0;
  #lastTitle = '';
  readonly #site: Fields = {};
  readonly #namespaces = new Map<number, string>();
  #namespaceKey = Number.NaN;

  constructor() {
    this.#sax.on('error', (error) => {
      throw this.#refused(plain(error.message));
    });
    this.#sax.on('opentagstart', () => {
      this.#attributes = { count: 0, chars: 0 };
    });
    this.#sax.on('attribute', ({ name, value }) => {
      this.#checkName(name.length);
      this.#countAttribute(name.length + value.length);
    });
    this.#sax.on('opentag', (tag) => {
      this.#attributes = undefined;
      this.#open(tag);
    });
    this.#sax.on('closetag', (tag) => {
      this.#close(tag.name);
    });
    this.#sax.on('processinginstruction', ({ target }) => {
      this.#checkName(target.length);
      this.#droppedChars = 0;
    });
    for (const event of ['comment', 'doctype'] as const) {
      this.#sax.on(event, () => {
        this.#droppedChars = 0;
      });
    }
    this.#sax.on('text', (text) => {
      this.#collect(text);
    });
    this.#sax.on('cdata', (text) => {
      this.#collect(text);
    });
  }

  write(text: string): void {
    this.#sax.write(text);
    this.#limitGathered(this.#sax as unknown as Gathered);
  }

  /** A text that is too long is let go piece by piece; a name or a tag ends the reading. */
  #limitGathered(gathered: Gathered): void {
    const { text, name, entity, piTarget } = gathered;
    for (const { length } of [name, entity, piTarget]) this.#checkName(length);
    if (this.#attributes !== undefined) this.#checkAttributes(text.length);
    if (text.length > maxTextChars) {
      gathered.text = '';
      this.#droppedChars += text.length;
    } else if (text.length > this.#flatChars + maxLooseChars) {
      gathered.text = Buffer.from(text).toString();
    } else if (text.length >= this.#flatChars) return;
    this.#flatChars = gathered.text.length;
  }

  #checkName(chars: number): void {
    if (chars > maxNameChars) throw this.#refused(`a name is over ${maxNameChars} characters long`);
  }

  #countAttribute(chars: number): void {
    const counts = (this.#attributes ??= { count: 0, chars: 0 });
    counts.count += 1;
    counts.chars += chars;
    if (counts.count > maxAttributes) {
      throw this.#refused(`a tag has more than ${maxAttributes} attributes`);
    }
    this.#checkAttributes(0);
  }

  #checkAttributes(moreChars: number): void {
    if ((this.#attributes?.chars ?? 0) + moreChars <= maxAttributeChars) return;
    throw this.#refused('the attributes of a tag are over 1 MiB long');
  }

  #refused(problem: string): DumpSyntaxError {
    return new DumpSyntaxError(`${problem}, ${this.#where()}`);
  }

  /** The pages that ended since the last call, also where `write` then met an error. */
  take(): DumpPage[] {
    const done = this.#done;
    this.#done = [];
    return done;
  }

  /** Checks that the dump is whole. */
  end(): void {
    this.#sax.close();
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
    this.#checkName(tag.name.length);
    this.#path.push(tag.name);
    if (this.#path.length > maxDepth) {
      throw this.#refused(`elements are nested more than ${maxDepth} deep`);
    }
    this.#text = [];
    this.#chars = 0;
    const path = this.#openPath();
    if (this.#path.length === 1) this.#openRoot(tag);
    else if (path === 'mediawiki/page') {
      this.#page = {};
      this.#isTooLong = false;
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

  #collect(text: string): void {
    const chars = text.length + this.#droppedChars;
    this.#droppedChars = 0;
    if (this.#path.length < 3) return;
    this.#chars += chars;
    if (this.#chars > maxTextChars) {
      this.#text = [];
      this.#isTooLong = true;
    } else this.#text.push(text);
  }

  #close(name: string): void {
    const path = this.#openPath();
    this.#path.pop();
    const text = this.#text.join('');
    this.#text = [];
    if (path === 'mediawiki/page') this.#endPage();
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

  /** The fields of a later revision replace those of an earlier one. */
  #endPageField(path: string, name: string, text: string): void {
    const field = /^mediawiki\/page\/(?:title|ns|id|revision\/(?:text|model|timestamp))$/.test(
      path,
    );
    if (field && this.#page !== undefined) this.#page[name] = text;
  }

  #endPage(): void {
    const { title = '', ns, id, redirect, model, timestamp, text = '' } = this.#page ?? {};
    this.#page = undefined;
    this.#pages += 1;
    this.#lastTitle = title;
    this.#done.push({
      title,
      namespace: ns === undefined || !/^-?\d+$/.test(ns.trim()) ? undefined : Number(ns),
      id: id?.trim(),
      redirect,
      model,
      timestamp: timestamp?.trim(),
      text: this.#isTooLong ? '' : text,
      isTooLong: this.#isTooLong,
    });
  }

  #where(): string {
    const after = this.#pages === 0 ? 'before the first page' : `after page ${this.#pages}`;
    const title =
      this.#lastTitle === '' ? '' : ` (${this.#lastTitle.slice(0, maxTitleCharsShown)})`;
    return `line ${this.#sax.line}, ${after}${title}`;
  }
}

/** saxes puts line and column in front of its messages. */
function plain(message: string): string {
  return message.replace(/^\d+:\d+: /, '').replace(/\.$/, '');
}
