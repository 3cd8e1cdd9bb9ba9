import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import { writingAt } from '../src/storage/file-errors.ts';
import { hashFile } from '../src/storage/hash.ts';
import type { CorpusFile } from '../src/types/corpus-manifest.ts';

const compress = promisify(gzip);
const blockBytes = 1 << 20;

/** Where a {@link GzipLinesWriter} stood after a flush: enough to go on from there. */
export interface LinesPosition {
  readonly bytes: number;
  readonly records: number;
}

/**
 * Writes JSON lines as a gzip file of blocks: a new gzip member begins at the first line end past
 * every MiB of text and at every {@link flush}. So the bytes depend on the rows and the flushes
 * alone, and a file can be cut back to a flush and continued. gunzip reads it like any other.
 */
export class GzipLinesWriter {
  readonly #file: FileHandle;
  readonly #path: string;
  #pending: string[] = [];
  #pendingChars = 0;
  #writing: Promise<void> = Promise.resolve();
  #bytes: number;
  #records: number;

  private constructor(path: string, file: FileHandle, from: LinesPosition) {
    this.#path = path;
    this.#file = file;
    this.#bytes = from.bytes;
    this.#records = from.records;
  }

  /** Opens `path` anew, or cut back to `from`, a position that an earlier flush gave. */
  static async open(path: string, from?: LinesPosition): Promise<GzipLinesWriter> {
    const file = await writingAt(path, () => open(path, from === undefined ? 'w' : 'r+'));
    if (from !== undefined) await file.truncate(from.bytes);
    return new GzipLinesWriter(path, file, from ?? { bytes: 0, records: 0 });
  }

  /** Lines written so far. */
  get records(): number {
    return this.#records;
  }

  /** Adds one row; waits only when a block is full, so memory holds two blocks at most. */
  async write(row: object): Promise<void> {
    const line = `${JSON.stringify(row)}\n`;
    this.#pending.push(line);
    this.#pendingChars += line.length;
    this.#records += 1;
    if (this.#pendingChars >= blockBytes) await this.#endBlock();
  }

  /** Ends the block and waits until all of it is in the file. */
  async flush(): Promise<LinesPosition> {
    await this.#endBlock();
    await this.#writing;
    return { bytes: this.#bytes, records: this.#records };
  }

  /** Flushes, syncs and closes; gives the file's entry for the manifest. */
  async close(): Promise<CorpusFile> {
    try {
      await this.flush();
      await writingAt(this.#path, () => this.#file.sync());
    } finally {
      await this.#file.close();
    }
    return {
      file: basename(this.#path),
      sha256: await hashFile(this.#path),
      bytes: this.#bytes,
      records: this.#records,
    };
  }

  /** Closes without finishing: what was not flushed is lost. */
  async abandon(): Promise<void> {
    await this.#writing.catch(() => undefined);
    await this.#file.close();
  }

  async #endBlock(): Promise<void> {
    if (this.#pending.length === 0) return;
    const text = this.#pending.join('');
    this.#pending = [];
    this.#pendingChars = 0;
    await this.#writing;
    this.#writing = this.#append(text);
    // The failure is met at the next wait; without this it would count as unhandled until then.
    this.#writing.catch(() => undefined);
  }

  async #append(text: string): Promise<void> {
    const block = await compress(text);
    await writingAt(this.#path, () => this.#file.write(block, 0, block.length, this.#bytes));
    this.#bytes += block.length;
  }
}
