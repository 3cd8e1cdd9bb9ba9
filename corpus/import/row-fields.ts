/** A row as its file has it: values by the names of keys or columns. */
export type Row = Readonly<Record<string, unknown>>;

/** What of a row an import uses. */
export interface RowFields {
  /** Undefined where the row has none. */
  readonly id: string | undefined;
  readonly title: string;
  /** One text, or its pieces: paragraphs or sentences. */
  readonly text: string | readonly string[];
  readonly url: string | undefined;
  /** The row is an article of the KILT knowledge source. */
  readonly isKilt: boolean;
  /** Keys of the row that were not used. */
  readonly ignoredKeys: readonly string[];
}

const idKeys = ['id', '_id', 'docid', 'doc_id', 'pid', 'passage_id', 'wikipedia_id'];
const titleKeys = ['title', 'wikipedia_title'];
const textKeys = ['text', 'contents', 'content', 'passage', 'passage_text', 'body'];

/** Whether a table or row with these names can be imported: one of them is that of a text. */
export function hasTextKey(names: readonly string[]): boolean {
  return textKeys.some((key) => names.includes(key));
}

/** The names of `names` that an import reads. */
export function usedKeys(names: readonly string[]): string[] {
  return names.filter((name) =>
    [...idKeys, ...titleKeys, ...textKeys, 'url'].some((key) => key === name),
  );
}

/**
 * Finds id, title and text of a row by the names that published collections give them: `id`, `_id`,
 * `docid`, ...; `title`, `wikipedia_title`; `text`, `contents`, `passage`, ... . Whole numbers are
 * ids too. `contents` without a title beside it is `"Title"\ntext`, as Search-R1 writes it, or text
 * alone where it has one line. Throws an Error that says what is wrong: no text, a value of another
 * type, an empty id, half of a surrogate pair.
 */
export function fieldsOf(row: Row): RowFields {
  const [idKey, titleKey] = [keyIn(row, idKeys), keyIn(row, titleKeys)];
  const textKey = keyIn(row, textKeys);
  if (textKey === undefined) {
    throw new Error(`it has no text: none of the keys ${textKeys.join(', ')}`);
  }
  const { title, text } = titleAndText(row, titleKey, textKey);
  const url = typeof row['url'] === 'string' && row['url'] !== '' ? row['url'] : undefined;
  const used = [idKey, titleKey, textKey, url === undefined ? undefined : 'url'];
  return {
    id: idKey === undefined ? undefined : idOf(idKey, row[idKey]),
    title,
    text,
    url,
    isKilt: titleKey === 'wikipedia_title',
    ignoredKeys: Object.keys(row).filter((key) => !used.includes(key)),
  };
}

/** The first of `keys` for which the row has a value. */
function keyIn(row: Row, keys: readonly string[]): string | undefined {
  return keys.find((key) => row[key] !== undefined && row[key] !== null);
}

function idOf(key: string, value: unknown): string {
  const isWhole = typeof value === 'bigint' || Number.isSafeInteger(value);
  const id = isWhole ? String(value) : value;
  if (typeof id !== 'string') throw new Error(`${key} is neither a text nor a whole number`);
  if (id === '') throw new Error(`${key} is empty`);
  return wellFormed(key, id);
}

function titleAndText(
  row: Row,
  titleKey: string | undefined,
  textKey: string,
): Pick<RowFields, 'title' | 'text'> {
  const text = textOf(textKey, row[textKey]);
  if (titleKey !== undefined) return { title: titleOf(titleKey, row[titleKey]), text };
  if (textKey !== 'contents' || typeof text !== 'string') return { title: '', text };
  const lineEnd = text.indexOf('\n');
  if (lineEnd < 0) return { title: '', text };
  return { title: unquote(text.slice(0, lineEnd).trim()), text: text.slice(lineEnd + 1) };
}

function titleOf(key: string, value: unknown): string {
  if (typeof value !== 'string') throw new Error(`${key} is not a text`);
  return wellFormed(key, value);
}

function textOf(key: string, value: unknown): string | string[] {
  if (typeof value === 'string') return wellFormed(key, value);
  const pieces: unknown[] = Array.isArray(value) ? value.flat() : [undefined];
  return pieces.map((piece) => {
    if (typeof piece === 'string') return wellFormed(key, piece);
    throw new Error(`${key} is neither a text nor a list of texts`);
  });
}

function wellFormed(key: string, text: string): string {
  if (text.isWellFormed()) return text;
  throw new Error(`${key} holds half of a surrogate pair, which is no character`);
}

function unquote(title: string): string {
  return title.length >= 2 && title.startsWith('"') && title.endsWith('"')
    ? title.slice(1, -1)
    : title;
}
