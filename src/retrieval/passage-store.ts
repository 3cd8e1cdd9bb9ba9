import type { Table } from '@lancedb/lancedb';

import type { EncoderDescription } from '../types/encoder.ts';
import type { Passage } from '../types/passage.ts';
import type { Page } from '../types/retriever.ts';
import type { Columns } from './lance-tables.ts';
import { contentsColumn, numbers, sqlText, texts } from './lance-tables.ts';
import type { IdsOf } from './ranker.ts';

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

/** Reads passages from their table; `aliases` is absent where the corpus has none. */
export async function openPassageStore(
  table: Table,
  aliases: Table | undefined,
): Promise<PassageStore> {
  const count = await table.countRows();

  async function take(rows: Iterable<number>, columns: readonly string[]): Promise<Columns> {
    const offsets = [...new Set(rows)].sort((a, b) => a - b);
    if (offsets.length === 0) return { getChild: () => null };
    return table
      .takeOffsets(offsets)
      .select([...columns])
      .toArrow();
  }

  async function pageOf(title: string): Promise<Passage[]> {
    const found = await table
      .query()
      .where(`title = ${sqlText(title)}`)
      .select([...passageColumns])
      .toArrow();
    return [...readPassages(found)].sort(([a], [b]) => a - b).map(([, passage]) => passage);
  }

  async function aliasTarget(title: string): Promise<string | undefined> {
    if (aliases === undefined) return undefined;
    const where = `alias = ${sqlText(title)}`;
    const found = await aliases.query().where(where).select(['title']).limit(1).toArrow();
    return texts(found, 'title')[0];
  }

  return {
    count,
    async passages(rows) {
      return readPassages(await take(rows, passageColumns));
    },
    async ids(rows) {
      const found = await take(rows, ['row', 'id']);
      const ids = texts(found, 'id');
      return new Map(numbers(found, 'row').map((row, i) => [row, ids[i] ?? '']));
    },
    async rowOf(id) {
      const where = `id = ${sqlText(id)}`;
      const found = await table.query().where(where).select(['row']).limit(1).toArrow();
      return numbers(found, 'row')[0];
    },
    async page(title) {
      const passages = await pageOf(title);
      if (passages.length > 0) return { title, passages };
      const target = await aliasTarget(title);
      if (target === undefined) return undefined;
      const redirected = await pageOf(target);
      return redirected.length === 0
        ? undefined
        : { title: target, redirectedFrom: title, passages: redirected };
    },
  };
}

/** The text of a passage as it is embedded: prefix, title, separator, text. */
export function passageText(
  { passagePrefix, titleSeparator }: EncoderDescription,
  { title, text }: { readonly title: string; readonly text: string },
): string {
  return title === '' ? passagePrefix + text : passagePrefix + title + titleSeparator + text;
}

/** The columns of the passage table. */
export const passageColumns = [
  'row',
  'id',
  'title',
  contentsColumn,
  'textStart',
  'section',
  'url',
  'flag',
] as const;

/** Stored passages by row. */
export function readPassages(table: Columns): Map<number, Passage> {
  const [ids, titles, contents] = ['id', 'title', contentsColumn].map((name) => texts(table, name));
  const [sections, urls, flags] = ['section', 'url', 'flag'].map((name) => texts(table, name));
  const textStarts = numbers(table, 'textStart');
  const passages = new Map<number, Passage>();
  for (const [i, row] of numbers(table, 'row').entries()) {
    const [section, url, flag] = [sections?.[i], urls?.[i], flags?.[i]];
    passages.set(row, {
      id: ids?.[i] ?? '',
      title: titles?.[i] ?? '',
      text: (contents?.[i] ?? '').slice(textStarts[i]),
      ...(section === undefined ? {} : { section }),
      ...(url === undefined ? {} : { url }),
      ...(flag === undefined ? {} : { flag: flag as NonNullable<Passage['flag']> }),
    });
  }
  return passages;
}
