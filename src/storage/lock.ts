import { readdir, rmdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { SspError } from '../errors/error.ts';
import type { LockEntry, NewEntry } from './lock-entry.ts';
import { putEntry, readEntry, removeEntry, writeEntry } from './lock-entry.ts';
import { giveUp, newRecord } from './lock-holder.ts';

/** Who holds a lock. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** The lock file. */
  readonly lock: string;
}

/** What is done while somebody else holds a lock. */
export type WhenHeld =
  /** Nothing: the error that this makes is thrown. */
  | { readonly refuse: (holder: LockHolder) => Error }
  /** A wait; each holder is told once, and an abort throws the signal's reason. */
  | { readonly onWait: (holder: LockHolder) => void; readonly signal?: AbortSignal };

const firstPollMs = 10;
const longestPollMs = 500;

/**
 * Runs `body` while nobody else holds the lock file at `path`: no other process, and no other caller
 * in this one. Only processes of one machine can see that a holder has died; its lock is then taken
 * over. Folders that had to be made for the file are removed again if `body` leaves them empty.
 *
 * A lock file names its holder from its first moment on. Whoever finds a dead holder first puts a
 * claim beside the lock, at a name that follows from that very lock, so that one process alone has
 * it; reads both again; and only then removes the lock. The claim of a dead process is a dead lock
 * in its turn: a claim on it decides. So nobody removes a lock that has been taken since it was
 * read.
 */
export async function withLock<Result>(
  path: string,
  whenHeld: WhenHeld,
  body: () => Promise<Result>,
): Promise<Result> {
  const lock = resolve(path);
  const record = await newRecord();
  const entry = { file: `${lock}.${record.token}.new`, record };
  const made = await writeEntry(entry);
  try {
    await take(entry, lock, whenHeld);
    await removeEntry(entry.file);
    await removeLeftovers(entry, lock);
    return await body();
  } finally {
    await release(entry, lock);
    if (made !== undefined) await removeEmptyFolders(dirname(lock), made);
  }
}

/** Removes what stands in the name of the entry, and nothing else: the lock may have been removed. */
async function release({ file, record }: NewEntry, path: string): Promise<void> {
  if ((await readEntry(path))?.id === record.token) await removeEntry(path);
  await removeEntry(file);
  giveUp(record);
}

/** Returns once the entry stands at `path`. */
async function take(entry: NewEntry, path: string, whenHeld: WhenHeld): Promise<void> {
  const signal = 'signal' in whenHeld ? whenHeld.signal : undefined;
  const told = new Set<string>();
  for (let pollMs = firstPollMs; ; pollMs = Math.min(1.5 * pollMs, longestPollMs)) {
    signal?.throwIfAborted();
    await putEntry(entry, path);
    const chain = await readChain(path);
    if (chain[0]?.id === entry.record.token) return;
    const last = chain.at(-1);
    if (last === undefined) continue;
    if (!last.isAlive) await removeDead(entry, path, chain);
    else {
      if (!told.has(last.id)) tell(last, path, whenHeld);
      if (last.record !== undefined) told.add(last.id);
      // The next round throws the signal's reason, which says more than the error of this.
      await sleep(pollMs, undefined, signal && { signal }).catch(() => undefined);
    }
  }
}

function tell({ record }: LockEntry, lock: string, whenHeld: WhenHeld): void {
  if (record === undefined) return;
  const holder = { pid: record.pid, host: record.host, lock };
  if ('refuse' in whenHeld) throw whenHeld.refuse(holder);
  whenHeld.onWait(holder);
}

/**
 * The lock, after a dead one the claim on it, after a dead claim the claim on that. Empty without a
 * lock; a dead one at the end has no claim.
 */
async function readChain(path: string): Promise<LockEntry[]> {
  const chain: LockEntry[] = [];
  let next = await readEntry(path);
  while (next !== undefined) {
    chain.push(next);
    if (next.isAlive) break;
    next = await readEntry(claimPath(path, next.id));
  }
  return chain;
}

function claimPath(path: string, id: string): string {
  return `${path}.after-${id}`;
}

/**
 * Removes the lock of a dead process, if this process is the one that may. Whoever reads the same
 * dead entries and then its own claim is alone with them: a claim's name is free once, as long as
 * that lock stands, and what a process did before it died cannot change any more.
 */
async function removeDead(
  entry: NewEntry,
  path: string,
  dead: readonly LockEntry[],
): Promise<void> {
  const [own = path, ...earlier] = dead.map(({ id }) => claimPath(path, id)).toReversed();
  await putEntry(entry, own);
  try {
    const now = await readChain(path);
    const expected = [...dead.map(({ id }) => id), entry.record.token];
    if (now.map(({ id }) => id).join() !== expected.join()) return;
    await removeEntry(path);
    for (const claim of earlier) await removeEntry(claim);
  } finally {
    if ((await readEntry(own))?.id === entry.record.token) await removeEntry(own);
  }
}

const claimName = /^after-(?<claimed>[\w-]+)$/;
const unusedName = /^[\da-f-]{36}\.(?:new|new\.folder|old)$/;

/**
 * Removes what killed processes left beside the lock: claims on locks before this one, which can
 * mean nothing any more, and entries that got nowhere. What cannot be removed stays.
 */
async function removeLeftovers({ record }: NewEntry, path: string): Promise<void> {
  const start = `${basename(path)}.`;
  const names = (await readdir(dirname(path))).filter((name) => name.startsWith(start));
  for (const name of names) {
    const rest = name.slice(start.length);
    const claimed = claimName.exec(rest)?.groups?.['claimed'];
    if (claimed === undefined ? !unusedName.test(rest) : claimed === record.token) continue;
    const other = join(dirname(path), name);
    try {
      const isLeft = claimed !== undefined || (await readEntry(other))?.isAlive === false;
      if (isLeft) await removeEntry(other);
    } catch {
      // It harms nobody.
    }
  }
}

/** Removes `folder` and those above it up to `top`, as far as they are empty. */
async function removeEmptyFolders(folder: string, top: string): Promise<void> {
  try {
    for (let empty = folder; ; empty = dirname(empty)) {
      await rmdir(empty);
      if (empty === top) return;
    }
  } catch {
    // It holds something, or another has removed it.
  }
}

/** Whether `name` is the lock file `lock`, or what stands beside it while it is taken. */
export function isLockName(name: string, lock: string): boolean {
  if (!name.startsWith(`${lock}.`)) return name === lock;
  const rest = name.slice(lock.length + 1);
  return claimName.test(rest) || unusedName.test(rest);
}

/** {@link withLock} for a command that writes `out`. Throws SSP_OUTPUT_IN_USE where another does. */
export function withOutputLock<Result>(
  { out, lock }: { readonly out: string; readonly lock: string },
  body: () => Promise<Result>,
): Promise<Result> {
  const refuse = (holder: LockHolder): Error =>
    new SspError('SSP_OUTPUT_IN_USE', { path: out, ...holder });
  return withLock(lock, { refuse }, body);
}
