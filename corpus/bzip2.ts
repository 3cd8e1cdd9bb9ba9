import { mapOrdered } from '../src/concurrency/limits.ts';
import { isSspError, messageOf } from '../src/errors/error.ts';
import { Bunzip } from './bunzip.ts';
import type { Bzip2Program } from './bzip2-program.ts';
import { findBzip2, runBzip2 } from './bzip2-program.ts';
import type { Segment } from './bzip2-segments.ts';
import { bzip2Segments } from './bzip2-segments.ts';
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
/** A piece of a dump grows 4 to 20 times; more is damage or an attack. */
const maxExpandedBytes = 2 ** 28;
const segmentTimeoutMs = 600_000;

export interface Bzip2Options {
  readonly workers: number;
  /** undefined: the JavaScript library. Tests give it; otherwise the PATH is searched. */
  readonly program?: Bzip2Program | undefined;
}

/**
 * Decompresses bzip2, one stream or many concatenated. Several streams are worked on side by side;
 * the bytes and their order do not depend on that. Throws {@link Bzip2Error}.
 */
export async function* bunzip2(
  chunks: AsyncIterable<Uint8Array>,
  options: Bzip2Options = { workers: 1, program: findBzip2() },
): AsyncGenerator<Uint8Array> {
  const { program, workers } = options;
  if (program?.isParallel === true) {
    yield* inOneGo(chunks, program, workers);
    return;
  }
  const decoder = segmentDecoder(program, workers);
  const segments = bzip2Segments(chunks, minSegmentBytes, maxSegmentBytes);
  const long: Segment[] = [];
  try {
    const decode = (segment: Segment): Promise<readonly Uint8Array[]> => decoder.decode(segment);
    for await (const parts of mapOrdered(wholeOnes(segments, long), workers + 1, decode)) {
      yield* parts;
    }
    if (long.length > 0) yield* inOneGo(dataOf(long, segments), program, workers);
  } finally {
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
  program: Bzip2Program | undefined,
  workers: number,
): AsyncGenerator<Uint8Array> {
  try {
    yield* program === undefined ? bunzipHere(chunks) : runBzip2(program, chunks, workers);
  } catch (error) {
    throw damaged(error);
  }
}

async function* bunzipHere(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const bunzip = new Bunzip();
  let isEmpty = true;
  for await (const chunk of chunks) {
    isEmpty = false;
    yield* bunzip.write(chunk);
  }
  if (!isEmpty) yield* bunzip.end();
}

interface SegmentDecoder {
  decode(segment: Segment): Promise<readonly Uint8Array[]>;
  close(): Promise<void>;
}

function segmentDecoder(program: Bzip2Program | undefined, workers: number): SegmentDecoder {
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
        return await collect(runBzip2(program as Bzip2Program, [segment.data], 1));
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
    if (bytes > maxExpandedBytes) throw new Error('it expands to more than 256 MiB');
  }
  return parts;
}
