import { join } from 'node:path';

import type { RecordReader } from '../storage/record-segments.ts';
import { openRecords } from '../storage/record-segments.ts';
import { damaged, loadSection, openSection } from '../storage/section-file.ts';
import type { Alias, Passage } from '../types/passage.ts';
import type { Page } from '../types/retriever.ts';

// Passages and redirects are records in the order of the corpus. Beside them stand their numbers in
// the order of ids, titles and redirects: looking one up is a binary search that reads the records.

/** In the folder of a generation. */
export const passagesFolder = 'passages';
/** Names of the records, and of the orders over them. */
export const passageRecords = 'passages';
export const aliasRecords = 'aliases';
export const passageOrders = { byId: 'rows-by-id', byTitle: 'rows-by-title' } as const;
export const aliasOrder = 'aliases-by-name';

/** A passage as it is stored; what is not there is null or missing at the end. */
type PassageRow = readonly [
  id: string,
  title: string,
  text: string,
  section?: string | null,
  url?: string | null,
  flag?: Passage['flag'] | null,
];

/** What is stored of a passage: JSON in one line. */
export function passageJson({ id, title, text, section, url, flag }: Passage): string {
  return JSON.stringify([id, title, text, section, url, flag]);
}

/** The passage of its JSON. */
export function parsePassage(json: Buffer): Passage {
  const [id, title, text, section, url, flag] = JSON.parse(json.toString('utf8')) as PassageRow;
  return {
    id,
    title,
    text,
    ...(typeof section === 'string' ? { section } : {}),
    ...(typeof url === 'string' ? { url } : {}),
    ...(typeof flag === 'string' ? { flag } : {}),
  };
}

/** What is stored of a redirect. */
export function aliasJson({ alias, title }: Alias): string {
  return JSON.stringify([alias, title]);
}

/** The redirect of its JSON. */
export function parseAlias(json: Buffer): Alias {
  const [alias, title] = JSON.parse(json.toString('utf8')) as [string, string];
  return { alias, title };
}

/** Where an order of a generation's records stands. */
export function orderPath(folder: string, name: string): string {
  return join(folder, passagesFolder, `${name}.bin`);
}

/** How many records a generation has. */
export interface RecordCounts {
  readonly passages: number;
  readonly aliases: number;
}

/** Opens the records of the generation's folder. Throws SSP_INDEX_DAMAGED. */
export function openPassageRecords(folder: string, count: number): RecordReader {
  return openRecords(join(folder, passagesFolder), passageRecords, count);
}

/** Opens the redirects of the generation's folder. Throws SSP_INDEX_DAMAGED. */
export function openAliasRecords(folder: string, count: number): RecordReader {
  return openRecords(join(folder, passagesFolder), aliasRecords, count);
}

/** Reads an order whole, checked. Throws SSP_INDEX_DAMAGED. */
export function readOrder(folder: string, name: string, count: number): Uint32Array {
  const path = orderPath(folder, name);
  const section = openSection(path, name);
  try {
    if (section.bytes !== 4 * count) {
      throw damaged(path, `it has ${section.bytes} bytes instead of ${4 * count}`);
    }
    const order = new Uint32Array(new SharedArrayBuffer(section.bytes));
    loadSection(section, new Uint8Array(order.buffer));
    if (order.some((number) => number >= count)) throw damaged(path, 'it names what is not there');
    return order;
  } finally {
    section.close();
  }
}

/** The orders of a generation: may be sent to other threads. */
export interface RecordOrders {
  readonly byId: Uint32Array;
  readonly byTitle: Uint32Array;
  readonly byAlias: Uint32Array;
}

/** Reads the orders of the generation's folder, checked. Throws SSP_INDEX_DAMAGED. */
export function readOrders(folder: string, { passages, aliases }: RecordCounts): RecordOrders {
  return {
    byId: readOrder(folder, passageOrders.byId, passages),
    byTitle: readOrder(folder, passageOrders.byTitle, passages),
    byAlias: readOrder(folder, aliasOrder, aliases),
  };
}

/** The stored passages in one thread. Reads block; those of records that were damaged throw. */
export class PassageFiles {
  readonly #passages: RecordReader;
  readonly #aliases: RecordReader;
  readonly #orders: RecordOrders;

  constructor(folder: string, counts: RecordCounts, orders: RecordOrders) {
    this.#passages = openPassageRecords(folder, counts.passages);
    this.#aliases = openAliasRecords(folder, counts.aliases);
    this.#orders = orders;
  }

  passage(row: number): Passage {
    return parsePassage(this.#passages.json(row));
  }

  /** The row of an id, undefined for an unknown one. */
  rowOf(id: string): number | undefined {
    const { byId } = this.#orders;
    const idAt = (place: number): string => this.passage(byId[place] ?? 0).id;
    const place = lowerBound(byId.length, (at) => idAt(at) < id);
    return place < byId.length && idAt(place) === id ? byId[place] : undefined;
  }

  /** The page of an exact title; a redirect is followed once. */
  page(title: string): Page | undefined {
    const passages = this.#withTitle(title);
    if (passages.length > 0) return { title, passages };
    const target = this.#aliasTarget(title);
    const redirected = target === undefined ? [] : this.#withTitle(target);
    if (target === undefined || redirected.length === 0) return undefined;
    return { title: target, redirectedFrom: title, passages: redirected };
  }

  close(): void {
    this.#passages.close();
    this.#aliases.close();
  }

  #withTitle(title: string): Passage[] {
    const { byTitle } = this.#orders;
    const first = lowerBound(byTitle.length, (at) => this.passage(byTitle[at] ?? 0).title < title);
    const found: Passage[] = [];
    for (let at = first; at < byTitle.length; at += 1) {
      const passage = this.passage(byTitle[at] ?? 0);
      if (passage.title !== title) break;
      found.push(passage);
    }
    return found;
  }

  #aliasTarget(title: string): string | undefined {
    const { byAlias } = this.#orders;
    const aliasAt = (at: number): Alias => parseAlias(this.#aliases.json(byAlias[at] ?? 0));
    const place = lowerBound(byAlias.length, (at) => aliasAt(at).alias < title);
    if (place >= byAlias.length) return undefined;
    const found = aliasAt(place);
    return found.alias === title ? found.title : undefined;
  }
}

/** The first place of 0..count-1 that is not before what is looked for; `count` where all are. */
function lowerBound(count: number, isBefore: (place: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
