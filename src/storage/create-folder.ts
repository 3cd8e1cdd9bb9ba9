import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { isFileError, notWritable, writeError } from './file-errors.ts';

/** A folder above may be removed by another process between two calls; more often is no chance. */
const attempts = 5;

/**
 * Makes the folder `path` and those above it that are missing; gives the uppermost one that it made,
 * undefined where the folder was there. Throws SSP_NOT_WRITABLE where it may not be made, SSP_DISK_FULL
 * and SSP_FILE_SYSTEM.
 *
 * All folders are made here: Node's own `mkdir` with `recursive` tries for ever below a folder such as
 * /proc, which answers that it is itself missing.
 */
export async function createFolder(path: string): Promise<string | undefined> {
  const absolute = resolve(path);
  for (let attempt = 1; ; attempt += 1) {
    const missing = await missingFolders(absolute);
    try {
      for (const folder of missing) await createOne(folder);
      return missing[0];
    } catch (error) {
      if (isCode(error, 'ENOENT') && attempt < attempts) continue;
      throw folderError(error, absolute);
    }
  }
}

/** `path` and the folders above it that are not there, the uppermost first. */
async function missingFolders(path: string): Promise<string[]> {
  const missing: string[] = [];
  let folder = path;
  while (!(await isFolder(folder))) {
    missing.unshift(folder);
    if (dirname(folder) === folder) break;
    folder = dirname(folder);
  }
  return missing;
}

async function createOne(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (!isCode(error, 'EEXIST') || !(await isFolder(path))) throw error;
  }
}

/** Whether a folder stands at `path`, also behind links; false where nothing stands there. */
async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false;
    throw folderError(error, path);
  }
}

/** ENOENT of a folder whose parent is there: nothing can be made in that parent. */
function folderError(error: unknown, path: string): unknown {
  if (!isFileError(error)) return error;
  const parent = dirname(error.path ?? path);
  return isCode(error, 'ENOENT') ? notWritable(error, parent) : writeError(error, parent);
}

function isCode(error: unknown, code: string): boolean {
  return isFileError(error) && error.code === code;
}
