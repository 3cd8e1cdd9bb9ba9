import { randomUUID } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { SspError } from '../errors/error.ts';
import { syncFolder, temporaryOf } from './atomic-file.ts';
import { isLockName } from './lock.ts';

type Names = readonly (string | RegExp)[];

const unfinishedEnd = /^[\da-f-]{36}\.(?:tmp|replaced)$/;

/** What a command makes in a folder, by name. Whatever else is in there is somebody else's. */
export interface OwnFolder {
  /** What says that the rest is whole: removed before it, in this order. */
  readonly first?: readonly string[];
  /** Further files. One that is written whole or not at all counts with what a kill leaves of it. */
  readonly files?: Names;
  /** Folders with what is in them, or `anything` where another program chooses the names. */
  readonly folders?: readonly (readonly [string | RegExp, OwnFolder | 'anything'])[];
  /** The lock file, which is never removed here. */
  readonly lock?: string;
}

/** The folder that holds what is at these paths: parts are divided by `/`, folders end with it. */
export function ownPaths(paths: readonly string[]): OwnFolder {
  const byFolder = Map.groupBy(
    paths.filter((path) => path.includes('/')),
    (path) => path.slice(0, path.indexOf('/')),
  );
  return {
    files: paths.filter((path) => !path.includes('/')),
    folders: [...byFolder].map(([name, inside]) => [
      name,
      ownPaths(inside.map((path) => path.slice(name.length + 1))),
    ]),
  };
}

/**
 * Throws SSP_OUTPUT_FOREIGN with the first thing in `folder` that is not `own`; nothing where there
 * is no folder. A symbolic link is never own.
 */
export async function refuseForeign(folder: string, own: OwnFolder): Promise<void> {
  const foreign = await firstForeign(folder, own);
  if (foreign === undefined) return;
  throw new SspError('SSP_OUTPUT_FOREIGN', { path: join(folder, foreign) });
}

/**
 * Removes from `folder` what is `own`, first what says that it is finished, and neither the folder
 * itself nor what is in `kept`. What is not own stays, with the folders that it is in; no symbolic
 * link is followed.
 */
export async function removeOwn(
  folder: string,
  own: OwnFolder,
  kept: readonly string[] = [],
): Promise<void> {
  await removeContent(folder, own, { top: folder, kept });
}

/**
 * Removes a folder with all that is in it, at once as seen from outside: first it gets another name,
 * in `top`, under which {@link removeOwn} removes what a kill leaves of it. Nothing where there is no
 * folder.
 */
export async function removeAtOnce(path: string, top: string): Promise<void> {
  const aside = join(top, `.discarded-${randomUUID()}`);
  if (await renamed(path, aside)) await rm(aside, { recursive: true });
}

/** Whether a name is one that {@link removeAtOnce} gives. */
export function isDiscarded(name: string): boolean {
  return /^\.discarded-[\da-f-]{36}$/.test(name);
}

/**
 * Puts the finished folder `made` in the place of the folder `out`, whose content is removed. Throws
 * SSP_OUTPUT_FOREIGN, with everything as it was, where not all of that is `own`.
 */
export async function replaceFolder(made: string, out: string, own: OwnFolder): Promise<void> {
  const aside = join(dirname(out), `.${basename(out)}.${randomUUID()}.replaced`);
  await refuseForeign(out, own);
  const isThere = await renamed(out, aside);
  // Under its new name nobody finds it: what is in there now is all that there will be.
  const foreign = await firstForeign(aside, own);
  if (foreign !== undefined) {
    await rename(aside, out);
    throw new SspError('SSP_OUTPUT_FOREIGN', { path: join(out, foreign) });
  }
  try {
    await rename(made, out);
  } catch (error) {
    if (isThere) await rename(aside, out);
    throw error;
  }
  await syncFolder(dirname(out));
  if (!isThere) return;
  await removeOwn(aside, own);
  await rmdir(aside);
}

/** Where a folder is made before it gets the place of `out`. */
export function unfinishedPath(out: string): string {
  return join(dirname(out), `.${basename(out)}.${randomUUID()}.tmp`);
}

/** Removes what a kill has left beside `out` of folders that were to come there, or to go. */
export async function removeUnfinished(out: string): Promise<void> {
  const start = `.${basename(out)}.`;
  for (const entry of await entriesOf(dirname(out))) {
    const { name } = entry;
    const isLeft = name.startsWith(start) && unfinishedEnd.test(name.slice(start.length));
    if (isLeft && entry.isDirectory()) await rm(join(dirname(out), name), { recursive: true });
  }
}

/** The path below `folder` of the first thing that is not own; undefined where all is. */
async function firstForeign(folder: string, own: OwnFolder): Promise<string | undefined> {
  for (const entry of await entriesOf(folder)) {
    const content = ownContent(entry, own);
    if (content === undefined) {
      if (own.lock === undefined || !isLockName(entry.name, own.lock)) return entry.name;
    } else if (content !== 'anything') {
      const inside = await firstForeign(join(folder, entry.name), content);
      if (inside !== undefined) return join(entry.name, inside);
    }
  }
  return undefined;
}

interface Removal {
  /** The folder that the caller has named. */
  readonly top: string;
  readonly kept: readonly string[];
}

async function removeContent(folder: string, own: OwnFolder, removal: Removal): Promise<void> {
  const { first = [] } = own;
  const entries = (await entriesOf(folder)).filter(({ name }) => !removal.kept.includes(name));
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const leading = first.flatMap((name) => byName.get(name) ?? []);
  for (const entry of leading) await removeEntry(folder, entry, own, removal);
  if (leading.length > 0) await syncFolder(folder);
  for (const entry of entries) {
    if (!leading.includes(entry)) await removeEntry(folder, entry, own, removal);
  }
}

async function removeEntry(
  folder: string,
  entry: Dirent,
  own: OwnFolder,
  { top }: Removal,
): Promise<void> {
  const path = join(folder, entry.name);
  const content = ownContent(entry, own);
  if (content === undefined) return;
  if (entry.isFile()) await rm(path, { force: true });
  else if (content === 'anything') await removeAtOnce(path, top);
  else {
    await removeContent(path, content, { top, kept: [] });
    await rmdir(path).catch(unlessFilled);
  }
}

/** What is in an entry that is own; `anything` for a file, undefined for what is not own. */
function ownContent(entry: Dirent, own: OwnFolder): OwnFolder | 'anything' | undefined {
  const { first = [], files = [], folders = [] } = own;
  const { name } = entry;
  if (entry.isFile()) {
    const whole = temporaryOf(name) ?? name;
    return [...first, ...files].some((file) => isNamed(whole, file)) ? 'anything' : undefined;
  }
  if (!entry.isDirectory()) return undefined;
  if (isDiscarded(name)) return 'anything';
  return folders.find(([folder]) => isNamed(name, folder))?.[1];
}

function isNamed(name: string, own: string | RegExp): boolean {
  return typeof own === 'string' ? own === name : own.test(name);
}

/** In the order of their names; none where there is no folder. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(unlessMissing);
  return (entries ?? []).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whether there was something at `path`, which has another name now. */
async function renamed(path: string, to: string): Promise<boolean> {
  try {
    await rename(path, to);
    return true;
  } catch (error) {
    unlessMissing(error);
    return false;
  }
}

function unlessMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

function unlessFilled(error: unknown): void {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
}
