import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';

import { z } from 'zod';

/** What says which process it is. */
export const recordSchema = z.object({
  pid: z.int32().min(1),
  host: z.string(),
  /** When the process began, as the system counts it, so that a reused id is told apart. */
  started: z.string(),
  /** Of this taking, so that two of one process are told apart; '' where an older version wrote. */
  token: z.string().regex(/^[\w-]+$/),
});

/** Who has put an entry into a lock file. */
export type LockRecord = z.output<typeof recordSchema>;

/** The tokens that this process has at work. */
const ownTokens = new Set<string>();

/** A record of this process with a token of its own; it counts as living until it is given up. */
export async function newRecord(): Promise<LockRecord> {
  const token = randomUUID();
  ownTokens.add(token);
  const started = (await lookUp(process.pid))?.started ?? '';
  return { pid: process.pid, host: hostname(), started, token };
}

/** Says that nothing is done any more in the name of a record of this process. */
export function giveUp({ token }: LockRecord): void {
  ownTokens.delete(token);
}

/**
 * The record that a lock file holds. A plain number is what older versions wrote, a process of this
 * machine; undefined for anything else.
 */
export function parseRecord(text: string): LockRecord | undefined {
  if (/^[1-9]\d{0,8}\s*$/.test(text)) {
    return { pid: Number(text), host: hostname(), started: '', token: '' };
  }
  try {
    return recordSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/**
 * Whether the process of a record may still be at work. One on another machine always may, since it
 * cannot be seen from here. One that has this process's id, and is not this process, has ended.
 */
export async function isAlive({ pid, host, started, token }: LockRecord): Promise<boolean> {
  if (host !== hostname()) return true;
  const found = await lookUp(pid);
  if (found !== undefined && started !== '') return found.isAlive && found.started === started;
  if (pid === process.pid) return ownTokens.has(token);
  return found?.isAlive ?? answers(pid);
}

/** What Linux says of a process (proc(5), stat); undefined elsewhere, and where it says nothing. */
async function lookUp(pid: number): Promise<{ started: string; isAlive: boolean } | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name before it may hold anything. What follows begins with field 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = '', threads, started] = [fields[0], fields[17], fields[19]];
  if (started === undefined) return undefined;
  // A dead process stays listed until its parent asks; a dying one may have a thread at work yet.
  return { started, isAlive: !/^[ZX]$/.test(state) || Number(threads) > 1 };
}

function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
