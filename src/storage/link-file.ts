import { constants } from 'node:fs';
import { copyFile, link } from 'node:fs/promises';
import { dirname } from 'node:path';

import { createFolder } from './create-folder.ts';

/** What link(2) says on file systems without it: FAT, some network ones, FAT on Windows. */
export const withoutLinks: ReadonlySet<string> = new Set([
  ...['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR'],
]);
/** Another file system, or more links than one file may have here. */
const notThisOne = new Set(['EXDEV', 'EMLINK']);

/**
 * Gives the file at `from` a second name, whose folders are made; a copy where it cannot have one.
 * Neither may be written to afterwards, as that might change both: they are replaced or removed.
 */
export async function linkOrCopy(from: string, to: string): Promise<void> {
  await createFolder(dirname(to));
  try {
    await link(from, to);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!withoutLinks.has(code) && !notThisOne.has(code)) throw error;
    await copyWhole(from, to);
  }
}

/** Copies a file to a name that is free, whose folders are made; shares its blocks where that goes. */
export async function copyWhole(from: string, to: string): Promise<void> {
  await createFolder(dirname(to));
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
}
