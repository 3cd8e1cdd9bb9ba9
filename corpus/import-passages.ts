import { z } from 'zod';

import type { CorpusConfig } from '../src/config/corpus.ts';
import { messageOf, SspError } from '../src/errors/error.ts';
import { printableLine } from '../src/progress/printable.ts';
import type { Progress } from '../src/progress/progress.ts';
import type { CorpusManifest } from '../src/types/corpus-manifest.ts';
import type { Passage } from '../src/types/passage.ts';
import { decompress, peekBytes } from './compression.ts';
import { CorpusWriter, withCorpusFolder } from './corpus-writer.ts';
import { IdSet } from './id-set.ts';
import { InputFile } from './input-file.ts';
import { LineError, splitLines } from './lines.ts';

export interface ImportRequest {
  /** A file of JSON lines, plain or compressed; `-` for standard input. */
  readonly path: string;
  readonly out: string;
  readonly force: boolean;
  readonly config: Pick<CorpusConfig, 'shardPassages'>;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/**
 * Makes a corpus of passages that exist, in their order and with their ids. Throws
 * SSP_IMPORT_INVALID with the line of the first record that is no passage or repeats an id,
 * SSP_INPUT_EMPTY for a file without records, SSP_INPUT_FORMAT, SSP_INPUT_DAMAGED,
 * SSP_INTERRUPTED, after which nothing is left behind, and what {@link withCorpusFolder} throws.
 */
export function importPassages(request: ImportRequest): Promise<CorpusManifest> {
  return withCorpusFolder(request, () => writeCorpus(request));
}

async function writeCorpus(request: ImportRequest): Promise<CorpusManifest> {
  const input = await InputFile.open(request.path);
  const writer = await CorpusWriter.open(request.out, request.config.shardPassages);
  try {
    const read = await copyPassages(input, writer, request);
    if (read === 0) throw new SspError('SSP_INPUT_EMPTY', { path: input.path, what: 'passages' });
    return await writer.finish({
      source: 'json-lines',
      inputs: [input.identity()],
      options: { shardPassages: request.config.shardPassages },
      outcomes: { passages: read },
      read,
    });
  } catch (error) {
    await writer.suspend();
    throw error;
  }
}

async function copyPassages(
  input: InputFile,
  writer: CorpusWriter,
  request: ImportRequest,
): Promise<number> {
  const stage = request.progress.stage('import', 'bytes', input.totalBytes);
  const reportIgnored = ignoredReporter(request.progress);
  const ids = new IdSet();
  let read = 0;
  const text = decompress(input, {
    workers: 1,
    onBytes: (bytes) => {
      stage.add(bytes);
    },
    signal: request.signal,
  });
  for await (const line of inputLines(input, text, request.signal)) {
    if (request.signal.aborted) break;
    if (line.text.trim() === '') continue;
    const { passage, ignoredKeys } = atLine(input, line.number, () => parseImportLine(line.text));
    atLine(input, line.number, () => {
      if (!ids.add(passage.id)) throw new Error(`the id ${passage.id} stands on an earlier line`);
    });
    reportIgnored(ignoredKeys);
    await writer.passage(passage);
    await writer.cut();
    read += 1;
  }
  if (request.signal.aborted) throw interrupted(read);
  stage.end();
  return read;
}

/** The lines of the input; they end early, without an error, when the signal aborts. */
async function* inputLines(
  input: InputFile,
  text: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): ReturnType<typeof splitLines> {
  try {
    const { head, chunks } = await peekBytes(text, 512);
    refuseArchive(input, head);
    yield* splitLines(chunks);
  } catch (error) {
    if (signal.aborted) return;
    throw error instanceof LineError ? invalidLine(input, error.line, error) : error;
  }
}

/** The seam for further formats: an archive or table is told by its first bytes. */
function refuseArchive(input: InputFile, head: Buffer): void {
  const expected = 'JSON lines';
  if (head.toString('latin1', 257, 262) === 'ustar') {
    throw new SspError('SSP_INPUT_FORMAT', {
      path: input.path,
      expected,
      problem: 'it is a tar archive; unpack it and import the .jsonl file inside',
    });
  }
  if (head.toString('latin1', 0, 13) === 'id\ttext\ttitle') {
    throw new SspError('SSP_INPUT_FORMAT', {
      path: input.path,
      expected,
      problem: 'it is a DPR table of tab-separated values',
    });
  }
}

function atLine<Value>(input: InputFile, line: number, body: () => Value): Value {
  try {
    return body();
  } catch (error) {
    throw invalidLine(input, line, error);
  }
}

function invalidLine(input: InputFile, line: number, error: unknown): SspError {
  return new SspError('SSP_IMPORT_INVALID', {
    path: input.path,
    line,
    problem: messageOf(error),
  });
}

function interrupted(read: number): SspError {
  return new SspError('SSP_INTERRUPTED', {
    progress: `${read} passages were read, nothing was kept.`,
    resume: 'an import starts over.',
  });
}

/** Keys that are noted; a file with more of them has no fixed ones. */
const notedKeys = 20;

/** Notes each key that is not used the first time it is met. */
function ignoredReporter(progress: Progress): (keys: readonly string[]) => void {
  const known = new Set<string>();
  return (keys) => {
    const fresh = keys.filter((key) => !known.has(key)).slice(0, notedKeys - known.size);
    if (fresh.length === 0) return;
    for (const key of fresh) known.add(key);
    progress.note(printableLine(`ignored key: ${fresh.join(', ')}`));
  };
}

const id = z.union([z.string().min(1), z.int().transform(String)]);
const titled = z.looseObject({ id, title: z.string(), text: z.string() });
const quoted = z.looseObject({ id, contents: z.string() });

/** A passage of a JSON line, and the keys of the line that were not used. */
interface ImportedRecord {
  readonly passage: Passage;
  readonly ignoredKeys: readonly string[];
}

/**
 * Reads one line of a passage file: `{id, title, text}`, or `{id, contents}` as Search-R1 writes it
 * (`"Title"\ntext`). Numbers are taken as ids too. Throws an Error that says what is wrong.
 */
function parseImportLine(line: string): ImportedRecord {
  const value = parseObject(line);
  const record =
    'contents' in value && !('text' in value) ? fromContents(value) : fromTitled(value);
  if (record.passage.text.trim() === '') throw new Error('the text is empty');
  return record;
}

function parseObject(line: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new Error(`it is not JSON: ${error instanceof Error ? error.message : ''}`);
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new Error('it is not a JSON object');
  }
  return value as Record<string, unknown>;
}

function fromTitled(value: Record<string, unknown>): ImportedRecord {
  const { id, title, text, ...others } = check(titled, value);
  return { passage: { id, title, text }, ignoredKeys: Object.keys(others) };
}

function fromContents(value: Record<string, unknown>): ImportedRecord {
  const { id, contents, ...others } = check(quoted, value);
  const lineEnd = contents.indexOf('\n');
  if (lineEnd < 0) throw new Error('contents has no line end between title and text');
  const title = unquote(contents.slice(0, lineEnd).trim());
  return {
    passage: { id, title, text: contents.slice(lineEnd + 1) },
    ignoredKeys: Object.keys(others),
  };
}

function unquote(title: string): string {
  return title.length >= 2 && title.startsWith('"') && title.endsWith('"')
    ? title.slice(1, -1)
    : title;
}

function check<Row>(schema: z.ZodType<Row>, value: unknown): Row {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(
    parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
  );
}
