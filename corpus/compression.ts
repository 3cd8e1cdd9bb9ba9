import { pipeline, Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
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
  /** Ends the reading at once, also where it waits for bytes; what is thrown then has no meaning. */
  readonly signal?: AbortSignal;
}

/** Bytes that are worked on between two turns of the event loop, in which Ctrl-C is heard. */
const turnBytes = 2 ** 20;

/**
 * The bytes behind gzip, bzip2 or no compression; which one, the first bytes say, never the name.
 * In pieces of a MiB at most, with a turn of the event loop after each MiB. Throws SSP_INPUT_DAMAGED
 * where compressed data is cut or corrupt, with the place in the file.
 */
export async function* decompress(
  input: InputFile,
  options: DecompressOptions,
): AsyncGenerator<Uint8Array> {
  try {
    yield* unpacked(input.chunks(options.onBytes, options.signal), options);
  } catch (error) {
    throw damagedInput(input, error);
  }
}

/** As {@link decompress}, of any stream; an error of the data passes through. */
export async function* unpacked(
  packed: AsyncIterable<Uint8Array>,
  { workers, signal }: Pick<DecompressOptions, 'workers' | 'signal'>,
): AsyncGenerator<Uint8Array> {
  const { head, chunks } = await peekBytes(packed, 4);
  const compression = compressionOf(head);
  if (compression === 'gzip') yield* inTurns(gunzip(chunks));
  else if (compression === 'bzip2') {
    yield* inTurns(bunzip2(chunks, { workers, program: findBzip2(), signal }));
  } else yield* inTurns(chunks);
}

/** The compression of a stream that begins so, of those that are read here. */
export function compressionOf(head: Buffer): 'gzip' | 'bzip2' | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  return /^BZh[1-9]/.test(head.toString('latin1', 0, 4)) ? 'bzip2' : undefined;
}

async function* inTurns(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += turnBytes) {
      const piece = chunk.subarray(start, start + turnBytes);
      yield piece;
      bytes += piece.length;
      if (bytes < turnBytes) continue;
      bytes = 0;
      await setImmediate();
    }
  }
}

async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stream = createGunzip();
  pipeline(Readable.from(chunks), stream, () => undefined);
  yield* stream;
}

/** An error of the data of an input as SSP_INPUT_DAMAGED, with the place; a coded error as it is. */
export function damagedInput(input: InputFile, error: unknown): Error {
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
