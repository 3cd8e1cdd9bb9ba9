import type { FileHandle } from 'node:fs/promises';
import { lstat, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { messageOf, SspError } from '../../src/errors/error.ts';
import type { Progress } from '../../src/progress/progress.ts';
import { createFolder } from '../../src/storage/create-folder.ts';
import { writingAt } from '../../src/storage/file-errors.ts';
import { jsonLine } from '../../src/storage/json-files.ts';
import { withLock } from '../../src/storage/lock.ts';
import type { LoggedQuery } from '../../src/types/logged-query.ts';

/** How much a log may hold on the disk. */
export interface QueryLogBounds {
  /** Bytes of a file; it is renamed before a line would pass them. */
  readonly maxBytes: number;
  /** Files that are kept, the one being written among them. */
  readonly maxFiles: number;
}

/** The name of a log in a folder. */
const queryLogName = 'queries.jsonl';
/** Lines that are written at once. */
const blockLines = 500;
const flushMs = 1000;
/** So many lines are written at once, whatever the time. */
const busyLines = 5000;
/** Lines that wait while a disk takes none: with them a service holds some tens of megabytes. */
const maxWaiting = 50_000;

/** The file of a log: `path`, or one in it where that is a folder or ends like one. */
export async function queryLogFile(path: string): Promise<string> {
  const isFolder = /[/\\]$/.test(path) || (await stat(path).catch(() => undefined))?.isDirectory();
  return resolve(isFolder === true ? join(path, queryLogName) : path);
}

/**
 * A file of JSON lines that a service writes beside its work, within a second; a full one becomes
 * `<file>.1`, the one before `<file>.2`. What a disk refuses is tried again and told once; while it
 * lasts, what finds no room to wait is counted as lost, and searches are answered all the same.
 */
export class QueryLog {
  readonly #file: string;
  readonly #bounds: QueryLogBounds;
  readonly #progress: Pick<Progress, 'note'>;
  readonly #release: () => Promise<void>;
  #handle: FileHandle;
  #bytes: number;
  /** The file ends within a line: a process was killed, or a disk became full, as it was written. */
  #isTorn: boolean;
  #waiting: LoggedQuery[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isWriting = false;
  #isFailing = false;
  #lost = 0;

  private constructor(
    begun: BegunFile & { readonly file: string; readonly release: () => Promise<void> },
    bounds: QueryLogBounds,
    progress: Pick<Progress, 'note'>,
  ) {
    this.#file = begun.file;
    this.#release = begun.release;
    this.#handle = begun.handle;
    this.#bytes = begun.bytes;
    this.#isTorn = begun.isTorn;
    this.#bounds = bounds;
    this.#progress = progress;
  }

  /**
   * Goes on with the log at `path`, or begins it. Throws SSP_QUERY_LOG_IN_USE where another service
   * writes it, SSP_NOT_WRITABLE, SSP_DISK_FULL, SSP_FILE_SYSTEM.
   */
  static async open(
    path: string,
    bounds: QueryLogBounds,
    progress: Pick<Progress, 'note'>,
  ): Promise<QueryLog> {
    const file = await queryLogFile(path);
    await createFolder(dirname(file));
    const release = await lockOf(file);
    try {
      return new QueryLog({ ...(await beginFile(file)), file, release }, bounds, progress);
    } catch (error) {
      await release();
      throw error;
    }
  }

  /** Queries that were not written because the disk took none for too long. */
  get lost(): number {
    return this.#lost;
  }

  /** Takes a query; it is written soon after. */
  add(query: LoggedQuery): void {
    if (this.#waiting.length >= maxWaiting) this.#lost += 1;
    else this.#waiting.push(query);
    if (this.#waiting.length >= busyLines && !this.#isWriting && !this.#isFailing) this.#flush();
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#flush();
    }, flushMs).unref();
  }

  /** Writes what waits, and lets another service have the log. What a disk refuses now is lost. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#flush();
    await this.#writing;
    this.#lost += this.#waiting.length;
    if (this.#lost > 0) this.#progress.note(`the query log lacks ${this.#lost} queries`);
    await this.#handle.close().catch(() => undefined);
    await this.#release();
  }

  #flush(): void {
    this.#isWriting = true;
    this.#writing = this.#writing.then(() => this.#writeWaiting());
  }

  async #writeWaiting(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        await this.#write(this.#waiting.slice(0, blockLines).map(jsonLine));
        await setImmediate(); // others are served between two blocks
      }
      if (this.#isFailing) this.#progress.note(`the query log ${this.#file} is written again`);
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) {
        const why = messageOf(error);
        this.#progress.note(`the query log cannot be written, searches go on without: ${why}`);
      }
      this.#isFailing = true;
    } finally {
      this.#isWriting = false;
    }
  }

  /** Writes the lines of the first queries that wait, and takes those that are written out. */
  async #write(lines: readonly string[]): Promise<void> {
    const { maxBytes } = this.#bounds;
    for (let from = 0; from < lines.length;) {
      if (this.#bytes > 0 && this.#bytes + byteLength(lines[from]) > maxBytes) await this.#rotate();
      let [to, bytes] = [from, this.#bytes];
      do bytes += byteLength(lines[to++]);
      while (to < lines.length && bytes + byteLength(lines[to]) <= maxBytes);
      await this.#append(lines.slice(from, to));
      from = to;
    }
  }

  async #append(lines: readonly string[]): Promise<void> {
    const start = this.#isTorn ? 1 : 0;
    const before = this.#bytes;
    try {
      await this.#handle.appendFile(`${start === 1 ? '\n' : ''}${lines.join('')}`);
      this.#waiting.splice(0, lines.length);
      this.#isTorn = false;
      await this.#measure();
    } catch (error) {
      await this.#measure();
      let written = this.#bytes - before - start;
      let whole = 0;
      while (whole < lines.length && written >= byteLength(lines[whole])) {
        written -= byteLength(lines[whole++]);
      }
      this.#waiting.splice(0, whole); // a disk that became full has taken these
      this.#isTorn = written !== 0;
      throw error;
    }
  }

  /** Looks how long the file is; one that somebody has removed is begun anew. */
  async #measure(): Promise<void> {
    const { size, nlink } = await this.#handle.stat();
    this.#bytes = size;
    if (nlink === 0) await this.#begin();
  }

  /**
   * Names move up by one; the last goes. Where the file is not there they have moved already, and what
   * failed was to begin another.
   */
  async #rotate(): Promise<void> {
    const name = (age: number): string => (age === 0 ? this.#file : `${this.#file}.${age}`);
    const isThere = (file: string): Promise<boolean> =>
      lstat(file).then(
        () => true,
        () => false,
      );
    if (await isThere(this.#file)) {
      const { maxFiles } = this.#bounds;
      await rm(name(maxFiles - 1), { force: true });
      for (let age = maxFiles - 2; age >= 0; age -= 1) {
        if (await isThere(name(age))) await rename(name(age), name(age + 1));
      }
    }
    await this.#begin();
  }

  async #begin(): Promise<void> {
    const { handle, bytes, isTorn } = await beginFile(this.#file);
    await this.#handle.close();
    this.#handle = handle;
    [this.#bytes, this.#isTorn] = [bytes, isTorn];
  }
}

interface BegunFile {
  readonly handle: FileHandle;
  readonly bytes: number;
  readonly isTorn: boolean;
}

async function beginFile(file: string): Promise<BegunFile> {
  return writingAt(file, async () => {
    const handle = await open(file, 'a+');
    const { size } = await handle.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    return { handle, bytes: size, isTorn: size > 0 && last.toString() !== '\n' };
  });
}

/** Holds the lock of a log until the function that it gives is called. */
async function lockOf(file: string): Promise<() => Promise<void>> {
  const held = Promise.withResolvers<undefined>();
  const taken = Promise.withResolvers<undefined>();
  const refuse = (holder: { pid: number; host: string; lock: string }): Error =>
    new SspError('SSP_QUERY_LOG_IN_USE', { path: file, ...holder });
  const lock = withLock(`${file}.lock`, { refuse }, () => {
    taken.resolve(undefined);
    return held.promise;
  });
  await Promise.race([taken.promise, lock]);
  return async () => {
    held.resolve(undefined);
    await lock;
  };
}

function byteLength(line = ''): number {
  return Buffer.byteLength(line);
}
