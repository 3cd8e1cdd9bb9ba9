import { readdir, readFile } from 'node:fs/promises';

/** Linux counts processor time in hundredths of a second, whatever the kernel's own clock. */
const ticksPerSecond = 100;

interface ProcessTime {
  readonly parent: number;
  readonly seconds: number;
}

/**
 * Processor seconds that a process and all below it have used so far: what they cost does not
 * change with what else the machine does. NaN where there is no /proc.
 */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const names = await readdir('/proc').catch(() => []);
  const ids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const read = await Promise.all(ids.map(async (id) => [id, await processTime(id)] as const));
  const times = new Map(read.flatMap(([id, time]) => (time === undefined ? [] : [[id, time]])));
  const total = (id: number): number =>
    [...times]
      .filter(([, { parent }]) => parent === id)
      .reduce((sum, [child]) => sum + total(child), times.get(id)?.seconds ?? NaN);
  return total(pid);
}

/**
 * Of one process alone; undefined where it is not there. Fields 4, 14 and 15 of /proc/<pid>/stat; the
 * name before them is in brackets.
 */
export async function processTime(pid: number): Promise<ProcessTime | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  if (fields === undefined) return undefined;
  const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number);
  return { parent: parent ?? 0, seconds: ((user ?? NaN) + (system ?? NaN)) / ticksPerSecond };
}
