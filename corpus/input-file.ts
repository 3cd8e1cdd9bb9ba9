import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';

import { messageOf, SspError } from '../src/errors/error.ts';
import { throwKindOr } from '../src/storage/input-kind.ts';

/** What the manifest says of an input that was read to its end. */
export interface InputIdentity {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
}

const chunkBytes = 1 << 18;

/**
 * One input of a corpus command: a file, or standard input for `-`. Its bytes are hashed and
 * counted while they are read, once.
 */
export class InputFile {
  /** As the user gave it; `standard input` for `-`. */
  readonly path: string;
  /** Undefined for standard input and other pipes. */
  readonly totalBytes: number | undefined;
  readonly #hash = createHash('sha256');
  readonly #isStdin: boolean;
  #bytesRead = 0;

  private constructor(path: string, isStdin: boolean, totalBytes: number | undefined) {
    this.path = path;
    this.#isStdin = isStdin;
    this.totalBytes = totalBytes;
  }

  /** Throws SSP_FILE_NOT_FOUND, or SSP_INPUT_KIND for a folder; what else the system refuses passes. */
  static async open(path: string): Promise<InputFile> {
    if (path === '-') return new InputFile('standard input', true, undefined);
    const found = await stat(path).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (found === undefined) throw new SspError('SSP_FILE_NOT_FOUND', { what: 'file', path });
    if (found.isDirectory()) {
      const error = new SspError('SSP_FILE_UNREADABLE', { path, problem: 'it is a folder' });
      return throwKindOr(error, path, 'file');
    }
    return new InputFile(path, false, found.isFile() ? found.size : undefined);
  }

  /** Whether it is a file that begins with these characters; false for a pipe, which is not read. */
  async beginsWith(start: string): Promise<boolean> {
    if (this.totalBytes === undefined) return false;
    const handle = await open(this.path).catch((error: unknown) => {
      throw new SspError('SSP_FILE_UNREADABLE', { path: this.path, problem: messageOf(error) });
    });
    try {
      const head = Buffer.alloc(start.length);
      const { bytesRead } = await handle.read(head, 0, head.length, 0);
      return head.toString('latin1', 0, bytesRead) === start;
    } finally {
      await handle.close();
    }
  }

  /** Bytes read so far. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /**
   * Its bytes, once; `onBytes` hears the length of each chunk. An abort ends them at once, also where
   * a pipe gives none. Throws SSP_FILE_UNREADABLE.
   */
  async *chunks(
    onBytes: (bytes: number) => void = () => undefined,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const stream = this.#isStdin
      ? process.stdin
      : createReadStream(this.path, { highWaterMark: chunkBytes });
    const stop = (): void => {
      stream.destroy(new Error('the reading was stopped'));
    };
    if (signal?.aborted === true) stop();
    signal?.addEventListener('abort', stop);
    const iterator = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.#next(iterator);
        if (next === undefined) return;
        this.#hash.update(next);
        this.#bytesRead += next.length;
        onBytes(next.length);
        yield next;
      }
    } finally {
      signal?.removeEventListener('abort', stop);
      await iterator.return?.();
    }
  }

  /** Reads it to its end for its hash alone. */
  async readAll(onBytes: (bytes: number) => void, signal: AbortSignal): Promise<void> {
    const chunks = this.chunks(onBytes, signal);
    while ((await chunks.next()).done !== true);
  }

  async #next(iterator: AsyncIterator<Buffer>): Promise<Buffer | undefined> {
    try {
      const next = await iterator.next();
      return next.done === true ? undefined : next.value;
    } catch (error) {
      throw new SspError('SSP_FILE_UNREADABLE', { path: this.path, problem: messageOf(error) });
    }
  }

  /** Name, size and hash for the manifest; true only after the last chunk was read. */
  identity(): InputIdentity {
    return {
      name: this.#isStdin ? '-' : basename(this.path),
      sha256: this.#hash.copy().digest('hex'),
      bytes: this.#bytesRead,
    };
  }
}

/** Whether nothing stands at a path. */
function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}
