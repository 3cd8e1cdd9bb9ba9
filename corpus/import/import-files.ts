import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

import type { InputIdentity } from '../input-file.ts';
import { InputFile } from '../input-file.ts';
import type { ImportFile } from './file-batches.ts';
import { isHidden } from './file-batches.ts';

/** A file or folder that was named for import. */
export interface ImportInput {
  /** Its files in the order in which they are read. */
  readonly files: readonly ImportFile[];
  /** For the manifest, once every file was read to its end. */
  identity(): InputIdentity;
}

/**
 * Opens what was named: a file, `-` for standard input, or a folder with all that is below it, in the
 * order of the paths' characters. Hidden files and linked folders are passed over. Throws
 * SSP_FILE_NOT_FOUND.
 */
export async function openImport(path: string): Promise<ImportInput> {
  const isFolder = path !== '-' && (await stat(path).catch(() => undefined))?.isDirectory();
  if (isFolder === true) return openFolder(path);
  const input = await InputFile.open(path);
  const name = path === '-' ? 'stdin' : basename(path);
  return { files: [{ input, name, isOfMany: false }], identity: () => input.identity() };
}

async function openFolder(folder: string): Promise<ImportInput> {
  const names = (await filesBelow(folder, '')).sort((a, b) => (a < b ? -1 : 1));
  const files: ImportFile[] = [];
  for (const name of names) {
    files.push({ input: await InputFile.open(join(folder, name)), name, isOfMany: true });
  }
  return { files, identity: () => folderIdentity(folder, files) };
}

async function filesBelow(folder: string, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await readdir(join(folder, prefix), { withFileTypes: true })) {
    if (isHidden(entry.name)) continue;
    const name = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) names.push(...(await filesBelow(folder, name)));
    else if (entry.isFile() || (await isLinkedFile(join(folder, name)))) names.push(name);
  }
  return names;
}

/** Downloaded collections are often folders of links to files. */
async function isLinkedFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}

/** One entry for a folder: its hash is over the names and hashes of its files, in order. */
function folderIdentity(folder: string, files: readonly ImportFile[]): InputIdentity {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const { name, input } of files) {
    const own = input.identity();
    hash.update(`${name}\n${own.sha256}\n`);
    bytes += own.bytes;
  }
  return { name: basename(folder), sha256: hash.digest('hex'), bytes };
}
