import { isSspError, messageOf, SspError } from '../src/errors/error.ts';
import { decompress, peekBytes } from './compression.ts';
import type { DumpPage, DumpSite } from './dump-parser.ts';
import { DumpParser, DumpSyntaxError } from './dump-parser.ts';
import type { InputFile } from './input-file.ts';

export interface ReadDumpOptions {
  readonly workers: number;
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
}

/** A page and what was known of its site when it was read. */
export interface SitedPage {
  readonly page: DumpPage;
  readonly site: DumpSite;
}

/**
 * The pages of a dump, as a stream; ends early, without an error, when the signal aborts. Throws
 * SSP_DUMP_INVALID with line and last page where the XML is broken or cut, SSP_INPUT_DAMAGED where
 * its compression is.
 */
export async function* readDump(
  input: InputFile,
  options: ReadDumpOptions,
): AsyncGenerator<SitedPage> {
  const parser = new DumpParser();
  try {
    for await (const text of xmlText(decompress(input, options))) {
      const failure = failureOf(() => {
        parser.write(text);
      });
      for (const page of parser.take()) {
        if (options.signal.aborted) return;
        yield { page, site: parser.site };
      }
      if (failure !== undefined) throw failure;
      if (options.signal.aborted) return;
    }
    parser.end();
  } catch (error) {
    if (options.signal.aborted) return;
    if (isSspError(error)) throw error;
    throw dumpError(input, error);
  }
}

function failureOf(body: () => void): Error | undefined {
  try {
    body();
    return undefined;
  } catch (error) {
    // Anything else comes of text that no parser should be given, such as one of gigabytes.
    return error instanceof DumpSyntaxError ? error : new DumpSyntaxError(messageOf(error));
  }
}

function dumpError(input: InputFile, error: unknown): unknown {
  if (!(error instanceof DumpSyntaxError) && !(error instanceof XmlTextError)) return error;
  return new SspError(
    'SSP_DUMP_INVALID',
    { path: input.path, offset: input.bytesRead, problem: messageOf(error) },
    { cause: error },
  );
}

/** The text of an XML file: UTF-8 or UTF-16, told by byte order mark or first character. */
export async function* xmlText(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const { head, chunks } = await peekBytes(source, 4);
  const encoding = encodingOf(head);
  const decoder = new TextDecoder(encoding, { fatal: true });
  const decode = (chunk?: Uint8Array): string => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch {
      throw new XmlTextError(`bytes that are no ${encoding.toUpperCase()} text`);
    }
  };
  for await (const chunk of chunks) yield decode(chunk);
  yield decode();
}

/** Bytes that are no text of the encoding. */
class XmlTextError extends Error {}

function encodingOf(head: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const start = head.toString('latin1');
  if (start.startsWith('\u{FF}\u{FE}') || start.startsWith('<\0')) return 'utf-16le';
  if (start.startsWith('\u{FE}\u{FF}') || start.startsWith('\0<')) return 'utf-16be';
  return 'utf-8';
}
