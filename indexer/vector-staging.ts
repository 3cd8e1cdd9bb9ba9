import { existsSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { Embeddings } from '../src/types/encoder.ts';

/** Names of its files. */
export const stagingName = /^vectors-\d+\.partial$/;

/**
 * Vectors that were encoded but not yet committed to the table, in one file that begins with row
 * `firstRow`: encoding is slow, so that far less than a table's fragment may be lost. A record is
 * the vector in float32 and one byte that says whether the passage was cut.
 */
export class VectorStaging {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #dimension: number;
  #rows: number;

  private constructor(path: string, file: FileHandle, dimension: number, rows: number) {
    this.#path = path;
    this.#file = file;
    this.#dimension = dimension;
    this.#rows = rows;
  }

  /**
   * Opens the staging of the segment that begins at `firstRow`. Whole chunks of `chunkRows` that an
   * earlier run left are kept, a part of one is cut off; other segments' files are removed, since
   * their vectors are in the table.
   */
  static async open(
    folder: string,
    firstRow: number,
    dimension: number,
    chunkRows: number,
  ): Promise<VectorStaging> {
    const own = `vectors-${firstRow}.partial`;
    for (const other of await readdir(folder)) {
      if (stagingName.test(other) && other !== own) await rm(join(folder, other));
    }
    const path = join(folder, own);
    const file = await open(path, existsSync(path) ? 'r+' : 'w+');
    const chunkBytes = chunkRows * recordBytes(dimension);
    const { size } = await file.stat();
    const rows = Math.floor(size / chunkBytes) * chunkRows;
    await file.truncate(rows * recordBytes(dimension));
    return new VectorStaging(path, file, dimension, rows);
  }

  /** Rows that are staged. */
  get rows(): number {
    return this.#rows;
  }

  /** Appends a chunk; it is on the disk when this returns. */
  async append({ vectors_N_D, truncated_N }: Embeddings): Promise<void> {
    const vectorBytes = this.#dimension * Float32Array.BYTES_PER_ELEMENT;
    const bytes = Buffer.alloc(truncated_N.length * recordBytes(this.#dimension));
    const vectors = Buffer.from(vectors_N_D.buffer, vectors_N_D.byteOffset, vectors_N_D.byteLength);
    for (const [i, truncated] of truncated_N.entries()) {
      const at = i * recordBytes(this.#dimension);
      vectors.copy(bytes, at, i * vectorBytes, (i + 1) * vectorBytes);
      bytes[at + vectorBytes] = Number(truncated);
    }
    await this.#file.write(bytes, 0, bytes.length, this.#rows * recordBytes(this.#dimension));
    await this.#file.datasync();
    this.#rows += truncated_N.length;
  }

  /** Everything that is staged. */
  async read(): Promise<Embeddings> {
    const size = recordBytes(this.#dimension);
    const bytes = Buffer.alloc(this.#rows * size);
    await this.#file.read(bytes, 0, bytes.length, 0);
    const vectors_N_D = new Float32Array(this.#rows * this.#dimension);
    const vectors = Buffer.from(vectors_N_D.buffer);
    const vectorBytes = size - 1;
    const truncated_N: boolean[] = [];
    for (let row = 0; row < this.#rows; row += 1) {
      bytes.copy(vectors, row * vectorBytes, row * size, row * size + vectorBytes);
      truncated_N.push(bytes[row * size + vectorBytes] === 1);
    }
    return { vectors_N_D, dimension: this.#dimension, truncated_N };
  }

  /** Removes the file: its rows are in the table. */
  async discard(): Promise<void> {
    await this.#file.close();
    await rm(this.#path);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

function recordBytes(dimension: number): number {
  return dimension * Float32Array.BYTES_PER_ELEMENT + 1;
}
