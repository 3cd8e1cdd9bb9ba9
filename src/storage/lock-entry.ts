import { randomUUID } from 'node:crypto';
import {
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rmdir,
  stat,
  unlink,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { SspError } from '../errors/error.ts';
import { createFolder } from './create-folder.ts';
import { withoutLinks } from './link-file.ts';
import type { LockRecord } from './lock-holder.ts';
import { isAlive, parseRecord } from './lock-holder.ts';

/** What stands at the path of a lock, or of a claim to remove one. */
export interface LockEntry {
  /** Tells it from every other entry that ever stands there. */
  readonly id: string;
  /** Undefined for a file that names nobody. */
  readonly record: LockRecord | undefined;
  readonly isAlive: boolean;
}

/** An entry that can be put at a path; `file` holds it until then, beside that path. */
export interface NewEntry {
  readonly file: string;
  readonly record: LockRecord;
}

/** How long a file that names nobody may be one that an older version is about to write. */
const unwrittenMs = 5000;
const gone = ['ENOENT', 'ESTALE'];
/** A file became a folder or the other way round. */
const replaced = [...gone, 'EISDIR', 'ENOTDIR'];
const taken = new Set(['EEXIST', 'ENOTEMPTY', 'ENOTDIR']);
/** Where an entry is a folder, the file in it. */
const recordName = 'holder.json';

/**
 * Writes `entry.file`, makes the folder for it where there is none, and gives the topmost folder
 * that was made.
 */
export async function writeEntry({ file, record }: NewEntry): Promise<string | undefined> {
  for (;;) {
    try {
      const made = await createFolder(dirname(file));
      await writeWhole(file, record);
      return made;
    } catch (error) {
      // Another has just removed the empty folder, which it had made.
      if (!isCode(error, 'ENOENT')) throw error;
    }
  }
}

/**
 * Puts the entry at `path` unless something is there: at once with its content, so that nobody ever
 * reads a half-written one. Who stands there afterwards is to be read.
 */
export async function putEntry(entry: NewEntry, path: string): Promise<void> {
  try {
    await link(entry.file, path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (!withoutLinks.has(code)) throw error;
    await putFolder(entry, path);
  }
}

/** The same without links: a folder cannot be renamed to the name of one that holds something. */
async function putFolder({ file, record }: NewEntry, path: string): Promise<void> {
  const folder = `${file}.folder`;
  await mkdir(folder);
  await writeWhole(join(folder, recordName), record);
  try {
    await rename(folder, path);
  } catch (error) {
    await removeFolder(folder);
    if (!taken.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

async function writeWhole(path: string, record: LockRecord): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(JSON.stringify(record));
    await file.sync();
  } catch (error) {
    await unlink(path);
    throw error;
  } finally {
    await file.close();
  }
}

/**
 * The entry at `path`; undefined where there is none. A file that names nobody, left by an older
 * version that was killed, is dead after some seconds. Throws SSP_FILE_SYSTEM for a folder of
 * something else.
 */
export async function readEntry(path: string): Promise<LockEntry | undefined> {
  const stats = await unlessGone(stat(path, { bigint: true }));
  if (stats === undefined) return undefined;
  const isFolder = stats.isDirectory();
  const file = isFolder ? join(path, recordName) : path;
  const text = await unlessGone(readFile(file, 'utf8'), replaced);
  if (text === undefined) {
    if (isFolder) await refuseOtherFolder(path);
    return undefined;
  }
  const record = parseRecord(text);
  const written = `${stats.ino}-${stats.mtimeNs}`;
  // Both ways: the clock of a file server may be ahead.
  const isYoung = Math.abs(Date.now() - Number(stats.mtimeMs)) < unwrittenMs;
  return {
    id: record === undefined || record.token === '' ? written : record.token,
    record,
    isAlive: record === undefined ? isYoung : await isAlive(record),
  };
}

/** Removes the entry at `path`, all of it at once as seen from outside. */
export async function removeEntry(path: string): Promise<void> {
  try {
    await unlessGone(unlink(path));
  } catch (error) {
    if (!isCode(error, 'EISDIR') && !isCode(error, 'EPERM')) throw error;
    const aside = `${path}.${randomUUID()}.old`;
    await unlessGone(rename(path, aside));
    await removeFolder(aside);
  }
}

/**
 * Never more than the one file: what else stood in there would be somebody else's. Nothing where
 * another was quicker.
 */
async function removeFolder(folder: string): Promise<void> {
  await unlessGone(unlink(join(folder, recordName)));
  await unlessGone(rmdir(folder));
}

async function refuseOtherFolder(path: string): Promise<void> {
  const names = await unlessGone(readdir(path));
  if (names === undefined || names.includes(recordName)) return;
  throw new SspError('SSP_FILE_SYSTEM', { problem: `${path} is a folder, and no lock.` });
}

/** Undefined where the system says that what `work` is about has gone. */
async function unlessGone<Value>(
  work: Promise<Value>,
  codes: readonly string[] = gone,
): Promise<Value | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codes.some((code) => isCode(error, code))) return undefined;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}
