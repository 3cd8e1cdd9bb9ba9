import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { isSspError, messageOf, SspError } from '../src/errors/error.ts';
import { bunzip2, Bzip2Error } from './bzip2.ts';
import { findBzip2 } from './bzip2-program.ts';
import type { InputFile } from './input-file.ts';

export interface DecompressOptions {
  /** Processes or threads for bzip2 files of several streams. */
  readonly workers: number;
  /** Hears how many bytes of the input were read. */
  readonly onBytes?: (bytes: number) => void;
}

/**
 * The bytes behind gzip, bzip2 or no compression; which one, the first bytes say, never the name.
 * Throws SSP_INPUT_DAMAGED where compressed data is cut or corrupt, with the place in the file.
 */
export async function* decompress(
  input: InputFile,
  options: DecompressOptions,
): AsyncGenerator<Uint8Array> {
  const { head, chunks } = await peekBytes(input.chunks(options.onBytes), 4);
  try {
    if (head[0] === 0x1f && head[1] === 0x8b) yield* gunzip(chunks);
    else if (/^BZh[1-9]/.test(head.toString('latin1'))) {
      yield* bunzip2(chunks, { workers: options.workers, program: findBzip2() });
    } else yield* chunks;
  } catch (error) {
    throw damagedInput(input, error);
  }
}

async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stream = createGunzip();
  pipeline(Readable.from(chunks), stream, () => undefined);
  yield* stream;
}

function damagedInput(input: InputFile, error: unknown): Error {
  if (isSspError(error)) return error;
  return new SspError(
    'SSP_INPUT_DAMAGED',
    {
      path: input.path,
      offset: (error instanceof Bzip2Error ? error.offset : undefined) ?? input.bytesRead,
      problem: messageOf(error),
    },
    { cause: error },
  );
}

/** A byte stream whose first bytes were looked at; `chunks` still gives all of them. */
export interface Peeked {
  /** The first bytes: as many as asked for, fewer only where the stream is shorter. */
  readonly head: Buffer;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Looks at the first `bytes` bytes of a stream without taking them away. */
export async function peekBytes(source: AsyncIterable<Uint8Array>, bytes: number): Promise<Peeked> {
  const iterator = source[Symbol.asyncIterator]();
  const taken: Uint8Array[] = [];
  let takenBytes = 0;
  while (takenBytes < bytes) {
    const next = await iterator.next();
    if (next.done === true) break;
    taken.push(next.value);
    takenBytes += next.value.length;
  }
  const head = Buffer.concat(taken);
  return { head: head.subarray(0, bytes), chunks: resume(head, iterator) };
}

async function* resume(
  head: Uint8Array,
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head;
    for (;;) {
      const next = await iterator.next();
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}
