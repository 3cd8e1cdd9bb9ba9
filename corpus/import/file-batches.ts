import { SspError } from '../../src/errors/error.ts';
import { compressionOf, damagedInput, decompress, peekBytes, unpacked } from '../compression.ts';
import type { InputFile } from '../input-file.ts';
import { documentForm } from './document.ts';
import { parquetMagic, parquetRows } from './parquet.ts';
import type { RowBatch } from './row-batch.ts';
import { tableForm } from './table.ts';
import { isTar, tarMembers } from './tar-members.ts';
import { unreadForm } from './unread-forms.ts';
import { RowError, wholeRows } from './whole-rows.ts';

/** A file of an import. */
export interface ImportFile {
  readonly input: InputFile;
  /** Its name, by which rows without an id are named. */
  readonly name: string;
  /** One of many, in a folder: texts are articles then, and what is no text is left out. */
  readonly isOfMany: boolean;
}

export interface ReadOptions {
  readonly workers: number;
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** A stream in a file: the file unpacked, or a member of an archive. */
interface Content extends Omit<ImportFile, 'input'> {
  readonly file: ImportFile;
  readonly path: string;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Archives and compressions around it. */
  readonly depth: number;
}

const headBytes = 2 ** 16;
const maxDocumentBytes = 64 * 2 ** 20;
const maxDepth = 4;

/**
 * The rows of a file in batches, in their order. What a file is, its first bytes say: gzip, bzip2 and tar
 * archives around each other, then JSON lines, a table of separated values or Parquet; in a folder or
 * archive also text, Markdown and HTML. Throws SSP_INPUT_FORMAT for anything else, SSP_INPUT_DAMAGED where
 * the data is cut or corrupt, SSP_IMPORT_INVALID for a row that is too long.
 */
export async function* fileBatches(
  file: ImportFile,
  options: ReadOptions,
): AsyncGenerator<RowBatch> {
  const { input, name, isOfMany } = file;
  if (await input.beginsWith(parquetMagic)) {
    yield* parquetBatches(file, options);
    return;
  }
  const chunks = decompress(input, options);
  const content = { file, path: input.path, name, isOfMany, chunks, depth: 0 };
  yield* contentBatches(content, options);
}

async function* contentBatches(content: Content, options: ReadOptions): AsyncGenerator<RowBatch> {
  const { head, chunks } = await peekBytes(content.chunks, headBytes);
  const whole = { ...content, chunks };
  if (isTar(head)) {
    yield* memberBatches(whole, options);
  } else if (compressionOf(head) !== undefined) {
    const inner = unpacked(chunks, { ...options, workers: 1 });
    yield* contentBatches(deeper(whole, inner), options);
  } else {
    yield* rowBatches(whole, head);
  }
}

function deeper(content: Content, chunks: AsyncIterable<Uint8Array>): Content {
  if (content.depth < maxDepth) return { ...content, chunks, depth: content.depth + 1 };
  throw refused(content.path, `there are over ${maxDepth} archives or compressions in each other`);
}

async function* memberBatches(archive: Content, options: ReadOptions): AsyncGenerator<RowBatch> {
  const { file, path } = archive;
  try {
    for await (const { name, chunks } of tarMembers(archive.chunks)) {
      if (isHidden(name)) continue;
      const member = { ...deeper(archive, chunks), name, path: `${path}: ${name}`, isOfMany: true };
      yield* contentBatches(member, options);
    }
  } catch (error) {
    throw damagedInput(file.input, error);
  }
}

/** What systems put beside files: `.DS_Store`, `._name`. */
export function isHidden(name: string): boolean {
  return name.split('/').some((part) => part.startsWith('.') && part !== '.' && part !== '..');
}

async function* rowBatches(content: Content, head: Buffer): AsyncGenerator<RowBatch> {
  const { path, name, isOfMany } = content;
  const unread = unreadForm(head);
  if (unread !== undefined) throw refused(path, unread);
  const text = head.toString('utf8');
  const form = tableForm(text);
  if (/^\u{FEFF}?\s*\{\s*["}]/u.test(text)) {
    for await (const rows of rowsOf(content, false)) {
      yield { path, name, content: { shape: 'json-lines', rows } };
    }
  } else if (form !== undefined) {
    for await (const rows of rowsOf(content, true)) {
      yield { path, name, content: { shape: 'table', rows, form } };
    }
  } else if (isOfMany) {
    yield await documentBatch(content, text);
  } else if (head.length > 0) {
    const problem =
      'it begins neither with a JSON object nor with the names of columns; give texts as a folder';
    throw refused(path, problem);
  }
}

async function* rowsOf({ path, chunks }: Content, quoted: boolean): ReturnType<typeof wholeRows> {
  try {
    yield* wholeRows(chunks, { quoted });
  } catch (error) {
    if (!(error instanceof RowError)) throw error;
    const details = { path, place: `Line ${error.line}`, problem: error.message };
    throw new SspError('SSP_IMPORT_INVALID', details);
  }
}

/** A whole file of text; what is none is read to its end too, as an archive's next member may follow. */
async function documentBatch(content: Content, head: string): Promise<RowBatch> {
  const { path, name, chunks } = content;
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length <= maxDocumentBytes) pieces.push(chunk);
  }
  const isLong = length > maxDocumentBytes;
  if (isLong || head.includes('\0')) {
    const reason = isLong ? 'it is over 64 MiB long' : 'it is no text';
    return { path, name, content: { shape: 'none', reason } };
  }
  const bytes = new Uint8Array(Buffer.concat(pieces));
  return { path, name, content: { shape: 'documents', bytes, form: documentForm(head, name) } };
}

async function* parquetBatches(
  { input, name }: ImportFile,
  { onBytes, signal }: ReadOptions,
): AsyncGenerator<RowBatch> {
  const { path } = input;
  // Its pages are read by their places, and the file's hash is wanted: so it is read before.
  await input.readAll(onBytes, signal);
  for await (const rows of parquetRows(path)) {
    yield { path, name, content: { shape: 'parquet', rows } };
  }
}

function refused(path: string, problem: string): SspError {
  return new SspError('SSP_INPUT_FORMAT', { path, expected: 'passages or articles', problem });
}
