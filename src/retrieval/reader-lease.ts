import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { messageOf } from '../errors/error.ts';
import { writeJsonAtomic } from '../storage/atomic-file.ts';
import { createFolder } from '../storage/create-folder.ts';
import { giveUp, isAlive, newRecord, recordSchema } from '../storage/lock-holder.ts';
import type { IndexHead } from '../types/index-manifest.ts';
import { generationSchema } from '../types/index-manifest.ts';
import { readHead } from './index-head.ts';

/** The folder of the leases, below that of the index. */
export const readersName = 'readers';
/** Names of leases. */
export const leaseName = /^[\da-f-]{36}\.json$/;

const leaseSchema = recordSchema.extend({ generation: generationSchema });

/** A reader gives a sign of life this often. */
const signMs = 60_000;
/** A process of another machine cannot be seen; after this long without a sign it counts as dead. */
const silenceMs = 3_600_000;

/** Who reads a generation. */
export interface Reader {
  readonly generation: string;
  readonly pid: number;
  readonly host: string;
  /** Its lease. */
  readonly lease: string;
}

/** A generation that no build removes as long as it is held. */
export interface HeldIndex {
  readonly head: IndexHead;
  /** Why it is not held, in words: the folder cannot be written. */
  readonly problem?: string;
  release(): Promise<void>;
}

/**
 * Holds the generation that the index in `folder` is at this moment. Where the folder cannot be
 * written it says so in `problem` and holds nothing. Throws what `readHead` throws.
 *
 * The lease is there first and the head is read again after it; a build writes the head first and
 * looks for leases after it. So one of the two sees the other.
 */
export async function holdIndex(folder: string): Promise<HeldIndex> {
  for (;;) {
    const { generation } = await readHead(folder);
    const lease = await takeLease(folder, generation);
    try {
      const head = await readHead(folder);
      if (head.generation === generation) return { head, ...lease };
    } catch (error) {
      await lease.release();
      throw error;
    }
    await lease.release();
  }
}

async function takeLease(
  folder: string,
  generation: string,
): Promise<Pick<HeldIndex, 'problem' | 'release'>> {
  const record = await newRecord();
  const path = join(folder, readersName, `${record.token}.json`);
  try {
    await createFolder(join(folder, readersName));
    await writeJsonAtomic(path, { ...record, generation });
  } catch (error) {
    giveUp(record);
    return { problem: messageOf(error), release: () => Promise.resolve() };
  }
  const signs = setInterval(() => {
    const now = new Date();
    // A lease that is gone cannot be helped: the folder was removed.
    utimes(path, now, now).catch(() => undefined);
  }, signMs).unref();
  return {
    async release() {
      clearInterval(signs);
      // What stays counts as dead once this process has ended.
      await rm(path, { force: true }).catch(() => undefined);
      giveUp(record);
    },
  };
}

/**
 * Who reads the generations of the index in `folder`; leases of dead processes are removed, if this
 * process may.
 */
export async function liveReaders(folder: string): Promise<Reader[]> {
  const leases = join(folder, readersName);
  const readers: Reader[] = [];
  for (const name of await readdir(leases).catch(() => [])) {
    if (!leaseName.test(name)) continue;
    const lease = join(leases, name);
    const reader = await livingReader(lease);
    if (reader !== undefined) readers.push(reader);
    else await rm(lease, { force: true }).catch(() => undefined);
  }
  return readers;
}

/** Undefined for a lease of the dead. One that says nothing may hold any generation for a while. */
async function livingReader(lease: string): Promise<Reader | undefined> {
  const stats = await stat(lease).catch(() => undefined);
  if (stats === undefined) return undefined;
  const isSilent = Math.abs(Date.now() - stats.mtimeMs) > silenceMs;
  const record = await readLease(lease);
  if (record === undefined) {
    return isSilent ? undefined : { generation: '', pid: 0, host: 'unknown', lease };
  }
  const { generation, pid, host } = record;
  const isDead = host === hostname() ? !(await isAlive(record)) : isSilent;
  return isDead ? undefined : { generation, pid, host, lease };
}

async function readLease(lease: string) {
  try {
    return leaseSchema.safeParse(JSON.parse(await readFile(lease, 'utf8'))).data;
  } catch {
    return undefined;
  }
}
