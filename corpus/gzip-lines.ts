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
/** Blocks that are compressed at once, each in a thread of the runtime's pool. */
const blocksUnderWay = 4;

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
  readonly #writing: Promise<void>[] = [];
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

  /** Adds one row; waits only when a block is full and four others are being written. */
  async write(row: object): Promise<void> {
    await this.writeLine(`${JSON.stringify(row)}\n`);
  }

  /** Adds one row that is written as a line already, with its end. */
  async writeLine(line: string): Promise<void> {
    this.#pending.push(line);
    this.#pendingChars += line.length;
    this.#records += 1;
    if (this.#pendingChars >= blockBytes) await this.#endBlock();
  }

  /** Ends the block and waits until all of it is in the file. */
  async flush(): Promise<LinesPosition> {
    await this.#endBlock();
    await Promise.all(this.#writing.splice(0));
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
    await Promise.allSettled(this.#writing);
    await this.#file.close();
  }

  async #endBlock(): Promise<void> {
    if (this.#pending.length === 0) return;
    const text = this.#pending.join('');
    this.#pending = [];
    this.#pendingChars = 0;
    if (this.#writing.length === blocksUnderWay) await this.#writing.shift();
    const before = this.#writing.at(-1);
    const writing = this.#append(compress(text), before);
    // The failure is met at the next wait; without this it would count as unhandled until then.
    writing.catch(() => undefined);
    this.#writing.push(writing);
  }

  /** Writes a block behind the one before it. */
  async #append(compressed: Promise<Buffer>, before: Promise<void> | undefined): Promise<void> {
    const [block] = await Promise.all([compressed, before]);
    await writingAt(this.#path, () => this.#file.write(block, 0, block.length, this.#bytes));
    this.#bytes += block.length;
  }
}
