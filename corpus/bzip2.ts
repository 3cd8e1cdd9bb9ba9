import { mapOrdered } from '../src/concurrency/limits.ts';
import { isSspError, messageOf } from '../src/errors/error.ts';
import { Bunzip, expandsTooMuch, maxExpandedBytes } from './bunzip.ts';
import type { Bzip2Program } from './bzip2-program.ts';
import { findBzip2, runBzip2 } from './bzip2-program.ts';
import { TaskPool } from './task-pool.ts';

/** Damaged bzip2 data; `offset` is where the damaged piece begins, if that is known. */
export class Bzip2Error extends Error {
  readonly offset: number | undefined;
  constructor(problem: string, offset?: number) {
    super(problem);
    this.offset = offset;
  }
}

const minSegmentBytes = 2 ** 19;
const maxSegmentBytes = 2 ** 22;
const segmentTimeoutMs = 600_000;
/** Bytes that the library is given at once in this thread: some tenths of a second. */
const sliceBytes = 2 ** 14;

export interface Bzip2Options {
  readonly workers: number;
  /** undefined: the JavaScript library. Tests give it; otherwise the PATH is searched. */
  readonly program?: Bzip2Program | undefined;
  /** Ends programs and threads; what is thrown then has no meaning. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Decompresses bzip2, one stream or many concatenated. Several streams are worked on side by side;
 * the bytes and their order do not depend on that. Throws {@link Bzip2Error}.
 */
export async function* bunzip2(
  chunks: AsyncIterable<Uint8Array>,
  options: Bzip2Options = { workers: 1, program: findBzip2() },
): AsyncGenerator<Uint8Array> {
  const { program, workers, signal } = options;
  if (program?.isParallel === true) {
    yield* inOneGo(chunks, options);
    return;
  }
  const decoder = segmentDecoder(options);
  const stop = (): void => void decoder.close();
  signal?.addEventListener('abort', stop);
  const segments = bzip2Segments(chunks, minSegmentBytes, maxSegmentBytes);
  const long: Segment[] = [];
  try {
    const decode = (segment: Segment): Promise<readonly Uint8Array[]> => decoder.decode(segment);
    for await (const parts of mapOrdered(wholeOnes(segments, long), workers + 1, decode)) {
      yield* parts;
    }
    if (long.length > 0) yield* inOneGo(dataOf(long, segments), options);
  } finally {
    signal?.removeEventListener('abort', stop);
    await decoder.close();
  }
}

/** The pieces of whole streams; the first other one ends them and goes to `long`. */
async function* wholeOnes(
  segments: AsyncGenerator<Segment>,
  long: Segment[],
): AsyncGenerator<Segment> {
  for (;;) {
    const next = await segments.next();
    if (next.done === true) return;
    if (!next.value.isWhole) {
      long.push(next.value);
      return;
    }
    yield next.value;
  }
}

async function* dataOf(
  first: readonly Segment[],
  rest: AsyncIterable<Segment>,
): AsyncGenerator<Uint8Array> {
  for (const segment of first) yield segment.data;
  for await (const segment of rest) yield segment.data;
}

async function* inOneGo(
  chunks: AsyncIterable<Uint8Array>,
  { program, workers, signal }: Bzip2Options,
): AsyncGenerator<Uint8Array> {
  try {
    yield* program === undefined ? bunzipHere(chunks) : runBzip2(program, chunks, workers, signal);
  } catch (error) {
    throw damaged(error);
  }
}

async function* bunzipHere(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const bunzip = new Bunzip();
  let isEmpty = true;
  for await (const chunk of chunks) {
    isEmpty = false;
    for (let start = 0; start < chunk.length; start += sliceBytes) {
      yield* bunzip.write(chunk.subarray(start, start + sliceBytes));
    }
  }
  if (!isEmpty) yield* bunzip.end();
}

interface SegmentDecoder {
  decode(segment: Segment): Promise<readonly Uint8Array[]>;
  close(): Promise<void>;
}

function segmentDecoder({ program, workers, signal }: Bzip2Options): SegmentDecoder {
  const threads =
    program === undefined
      ? new TaskPool<Uint8Array, Uint8Array>({
          script: new URL('./bunzip-worker.ts', import.meta.url),
          workerData: undefined,
          workers,
          taskTimeoutMs: segmentTimeoutMs,
        })
      : undefined;
  return {
    async decode(segment) {
      try {
        // A copy: a view would take the whole buffer behind it along.
        if (threads !== undefined) return [await threads.run(new Uint8Array(segment.data))];
        return await collect(runBzip2(program as Bzip2Program, [segment.data], 1, signal));
      } catch (error) {
        throw damaged(error, segment);
      }
    },
    async close() {
      await threads?.close();
    },
  };
}

/** Errors of the source are not the data's fault. */
function damaged(error: unknown, segment?: Segment): Error {
  if (isSspError(error)) return error;
  if (segment === undefined) return new Bzip2Error(messageOf(error));
  const piece = `in the ${segment.data.length} bytes that begin there`;
  return new Bzip2Error(`${messageOf(error)} (${piece})`, segment.offset);
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    bytes += chunk.length;
    if (bytes > maxExpandedBytes) throw new Error(expandsTooMuch);
  }
  return parts;
}

const blockMagic = Buffer.from('1AY&SY', 'latin1');
const headerBytes = 4;
const magicBytes = headerBytes + blockMagic.length;

/** A piece of a bzip2 file. */
export interface Segment {
  readonly data: Buffer;
  /** Byte offset in the file. */
  readonly offset: number;
  /** Made of whole streams, so that it can be decompressed by itself. */
  readonly isWhole: boolean;
}

/**
 * Cuts a multistream bzip2 file into pieces of whole streams of at least `minBytes`, so that they
 * can be decompressed side by side. Streams begin with `BZh1`..`BZh9` and the magic number of a
 * block, 80 bits that do not come up by chance. From the first stream longer than `maxBytes` on the
 * file is given as it is (`isWhole` false): it has to go through one decompressor.
 */
export async function* bzip2Segments(
  chunks: AsyncIterable<Uint8Array>,
  minBytes: number,
  maxBytes: number,
): AsyncGenerator<Segment> {
  let pending: Buffer = Buffer.alloc(0);
  let offset = 0;
  let searched = 0;
  let isLong = false;
  for await (const chunk of chunks) {
    if (isLong) {
      yield { data: Buffer.from(chunk), offset, isWhole: false };
      offset += chunk.length;
      continue;
    }
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const start = nextStream(pending, Math.max(searched, minBytes));
      if (start < 0) break;
      yield { data: pending.subarray(0, start), offset, isWhole: true };
      offset += start;
      pending = pending.subarray(start);
      searched = 0;
    }
    searched = Math.max(pending.length - magicBytes + 1, 0);
    if (pending.length <= maxBytes) continue;
    isLong = true;
    yield { data: pending, offset, isWhole: false };
    offset += pending.length;
    pending = Buffer.alloc(0);
  }
  if (pending.length > 0) yield { data: pending, offset, isWhole: true };
}

/** Where the next stream begins at or after `from`; -1 without one. */
function nextStream(data: Buffer, from: number): number {
  let block = data.indexOf(blockMagic, from + headerBytes);
  while (block >= 0) {
    const header = data.toString('latin1', block - headerBytes, block);
    if (/^BZh[1-9]$/.test(header)) return block - headerBytes;
    block = data.indexOf(blockMagic, block + 1);
  }
  return -1;
}
