import type { EncoderDescription } from '../types/encoder.ts';
import type { Passage } from '../types/passage.ts';
import type { Page } from '../types/retriever.ts';
import type { IdsOf } from './ranker.ts';
import type { SearchThreads } from './search-threads.ts';

/** The stored passages, found by row, id or title. Safe to call concurrently. */
export interface PassageStore {
  readonly count: number;
  /** The passages of `rows`, by row; each row must exist. Repeats are fetched once. */
  passages(rows: Iterable<number>): Promise<Map<number, Passage>>;
  /** The ids of `rows`, by row: the cheap part of {@link PassageStore.passages}. */
  readonly ids: IdsOf;
  /** The row of an id, undefined for an unknown one. */
  rowOf(id: string): Promise<number | undefined>;
  /** The page of an exact title; a redirect is followed once. */
  page(title: string): Promise<Page | undefined>;
}

/** The most passages of one call of a thread. */
const mostRows = 256;

/** The `count` passages that the threads read. */
export function passageStore(threads: SearchThreads, count: number): PassageStore {
  async function passages(rows: Iterable<number>): Promise<Map<number, Passage>> {
    const wanted = [...new Set(rows)];
    const parts = Array.from({ length: Math.ceil(wanted.length / mostRows) }, (_value, i) =>
      wanted.slice(i * mostRows, (i + 1) * mostRows),
    );
    const found = await Promise.all(parts.map((part) => threads.call('passages', [part])));
    return new Map(found.flat().map((passage, i) => [wanted[i] ?? 0, passage]));
  }

  return {
    count,
    passages,
    async ids(rows) {
      return new Map(Array.from(await passages(rows), ([row, { id }]) => [row, id]));
    },
    rowOf: (id) => threads.call('rowOf', [id]),
    page: (title) => threads.call('page', [title]),
  };
}

/** The text of a passage as it is embedded: prefix, title, separator, text; an empty title is left out. */
export function passageText(
  { passagePrefix, titleSeparator, quotedTitles }: EncoderDescription,
  { title, text }: { readonly title: string; readonly text: string },
): string {
  if (quotedTitles === true) return `${passagePrefix}"${title}"${titleSeparator}${text}`;
  return title === '' ? passagePrefix + text : passagePrefix + title + titleSeparator + text;
}
