import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { writeError } from './file-errors.ts';

/** What a file is written from: whole, or piece by piece where it may not fit into memory. */
type FileData = string | Uint8Array | Iterable<string> | AsyncIterable<string | Uint8Array>;

/**
 * Writes a file whole or not at all: to a temporary name in the same folder, flushed to disk, then
 * renamed, and the folder flushed so that the rename outlives a power cut. Throws SSP_DISK_FULL and
 * SSP_NOT_WRITABLE.
 */
export async function writeFileAtomic(path: string, data: FileData): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw writeError(error, path);
  }
}

/** {@link writeFileAtomic} for a value as indented JSON with a final newline. */
export async function writeJsonAtomic(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** The name of the file that a temporary one was to become; undefined for other names. */
export function temporaryOf(name: string): string | undefined {
  return /^\.(.+)\.[\da-f-]{36}\.tmp$/.exec(name)?.[1];
}

/** Flushes the names in a folder to the disk. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
