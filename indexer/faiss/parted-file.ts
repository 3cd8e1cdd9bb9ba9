import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';

import { messageOf, SspError } from '../../src/errors/error.ts';

interface Part {
  readonly handle: FileHandle;
  readonly bytes: number;
}

/** Files that follow each other, read as if they were joined. */
export class PartedFile {
  readonly #parts: readonly Part[];
  /** Of all parts together. */
  readonly bytes: number;

  private constructor(parts: readonly Part[]) {
    this.#parts = parts;
    this.bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  }

  /** Opens the parts in this order. Throws SSP_FILE_NOT_FOUND and SSP_FILE_UNREADABLE. */
  static async open(paths: readonly string[]): Promise<PartedFile> {
    const parts: Part[] = [];
    try {
      for (const path of paths) parts.push(await openPart(path));
    } catch (error) {
      for (const { handle } of parts) await handle.close();
      throw error;
    }
    return new PartedFile(parts);
  }

  /** `length` bytes from `offset` on, fewer only where the last part ends. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.bytes - offset)));
    let [filled, partStart] = [0, 0];
    for (const { handle, bytes: size } of this.#parts) {
      for (;;) {
        const at = offset + filled - partStart;
        const wanted = Math.min(bytes.length - filled, size - at);
        if (at < 0 || wanted <= 0) break;
        const { bytesRead } = await handle.read(bytes, filled, wanted, at);
        if (bytesRead === 0) return bytes.subarray(0, filled);
        filled += bytesRead;
      }
      partStart += size;
    }
    return bytes;
  }

  async close(): Promise<void> {
    for (const { handle } of this.#parts) await handle.close();
  }
}

async function openPart(path: string): Promise<Part> {
  try {
    const handle = await open(path);
    return { handle, bytes: (await handle.stat()).size };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new SspError('SSP_FILE_NOT_FOUND', { what: 'part of the index file', path });
    }
    throw new SspError('SSP_FILE_UNREADABLE', { path, problem: messageOf(error) });
  }
}
