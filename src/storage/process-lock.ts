import { open, readFile, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { createFolder } from './create-folder.ts';

const pollMs = 500;

/** Locks that this process holds, by absolute path. */
const held = new Set<string>();

/** What a wait for another process may do. */
export interface LockOptions {
  readonly signal?: AbortSignal;
  /** Called once if the lock is held elsewhere, with the holder's process id; throws to give up. */
  readonly onWait?: (pid: number) => void;
}

/**
 * Runs `body` while this process alone holds the lock file at `path`; other processes of the same
 * machine wait. A lock whose holder has died is taken over, also where this process has its id now, as
 * in a container that was started anew. An abort ends the wait with the signal's reason.
 */
export async function withProcessLock<Result>(
  path: string,
  { signal, onWait }: LockOptions,
  body: () => Promise<Result>,
): Promise<Result> {
  await createFolder(dirname(path));
  let isTold = false;
  while (!(await tryLock(path))) {
    const holder = await readHolder(path);
    if (holder !== undefined && !isHeld(path, holder)) await rm(path, { force: true });
    else {
      // Unknown while the holder writes it: it is told the next time.
      if (!isTold && holder !== undefined) onWait?.(holder);
      isTold ||= holder !== undefined;
      await sleep(pollMs, undefined, signal === undefined ? {} : { signal });
    }
  }
  try {
    return await body();
  } finally {
    held.delete(resolve(path));
    await rm(path, { force: true });
  }
}

async function tryLock(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    held.add(resolve(path));
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The holder's process id; undefined while the file is being written or is already gone. */
async function readHolder(path: string): Promise<number | undefined> {
  const pid = Number(await readFile(path, 'utf8').catch(() => ''));
  return pid > 0 ? pid : undefined;
}

function isHeld(path: string, holder: number): boolean {
  return holder === process.pid ? held.has(resolve(path)) : isAlive(holder);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
