import type { Passage } from '../../src/types/passage.ts';
import type { TextPart } from '../passage-blocks.ts';
import { cutBlocks } from '../passage-blocks.ts';
import type { ImportOptions } from './import-options.ts';
import { kiltParts } from './kilt.ts';
import type { Row, RowFields } from './row-fields.ts';
import { fieldsOf } from './row-fields.ts';

/** What became of a row or file; each has one outcome. */
export type ImportOutcome =
  /** One passage. */
  | 'passages'
  /** One passage without words: it is kept, since its place is a row number of other files. */
  | 'empty-passages'
  /** Divided into passages. */
  | 'articles'
  /** No words, and so no passage. */
  | 'empty-articles'
  /** A file of a folder or archive that is no text. */
  | 'left-out-files';

/** The passages of one row. */
export interface RowPassages {
  readonly outcome: ImportOutcome;
  readonly passages: readonly Passage[];
  /** Keys of the row that were not used. */
  readonly ignoredKeys: readonly string[];
}

/** An article that is to be divided. */
export interface Article {
  readonly id: string;
  readonly title: string;
  readonly url?: string | undefined;
  readonly parts: readonly TextPart[];
}

/**
 * The passages of a row. A row with an id and one text is a passage and stays one, as it is; one
 * whose text is a list (KILT's paragraphs, HotpotQA's sentences) or that has no id is an article, and
 * is divided. `options.rows` decides otherwise. `place` makes the id of a row without one. Throws
 * what {@link fieldsOf} throws.
 */
export function passagesOfRow(row: Row, place: string, options: ImportOptions): RowPassages {
  const fields = fieldsOf(row);
  const { title, url, ignoredKeys } = fields;
  if (isPassage(fields, options)) {
    const text = typeof fields.text === 'string' ? fields.text : fields.text.join('');
    const passage = { id: fields.id ?? place, title, text, ...(url === undefined ? {} : { url }) };
    const outcome = text.trim() === '' ? 'empty-passages' : 'passages';
    return { outcome, passages: [passage], ignoredKeys };
  }
  const article = { id: fields.id ?? place, title, url, parts: partsOf(fields) };
  return { ...divide(article, options), ignoredKeys };
}

function isPassage({ id, text }: RowFields, { rows }: ImportOptions): boolean {
  return rows === 'auto' ? id !== undefined && typeof text === 'string' : rows === 'passages';
}

function partsOf({ title, text, isKilt }: RowFields): TextPart[] {
  if (typeof text === 'string') return [{ section: '', text }];
  // Sentences bring the blank before them.
  return isKilt ? kiltParts(title, text) : [{ section: '', text: text.join('') }];
}

/** Divides an article: passages `id-0`, `id-1`, ..., none where it has no words. */
export function divide(article: Article, options: ImportOptions): Omit<RowPassages, 'ignoredKeys'> {
  const { id, title, url, parts } = article;
  const passages = cutBlocks(parts, options).map(({ section, text }, n): Passage => ({
    id: `${id}-${n}`,
    title,
    text,
    ...(section === '' ? {} : { section }),
    ...(url === undefined ? {} : { url }),
  }));
  return { outcome: passages.length === 0 ? 'empty-articles' : 'articles', passages };
}
