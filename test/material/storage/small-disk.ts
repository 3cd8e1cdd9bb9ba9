import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

/** A disk of its own, seen by the programs that are started `within` alone. */
export interface SmallDisk {
  /** What comes before a program that is to see it. */
  readonly within: readonly string[];
  /** Where it is mounted, as those programs see it. */
  readonly path: string;
  /** The same as seen from this process. */
  readonly here: string;
  /** Takes all room that is left but for so many bytes. */
  fill(butBytes?: number): void;
  /** Gives it back. */
  free(): void;
  unmount(): Promise<void>;
}

/** Why there are no such disks here, or false. */
export function noSmallDisks(): string | false {
  const tried = spawnSync('unshare', ['-r', '-m', 'mount', '-t', 'tmpfs', 'none', '/tmp']);
  if (tried.status !== 0) return 'no right to mount a disk (Linux, unshare -r -m)';
  return spawnSync('nsenter', ['--version']).status === 0 ? false : 'no nsenter';
}

/** Mounts one of that many megabytes at `path`. It is memory. */
export async function smallDisk(path: string, megabytes: number): Promise<SmallDisk> {
  mkdirSync(path, { recursive: true });
  const script = `mount -t tmpfs -o size=${megabytes}m none "$0" && echo mounted && exec sleep 3600`;
  const holder = spawn('unshare', ['-r', '-m', 'sh', '-c', script, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  const pid = holder.pid ?? 0;
  const here = join('/proc', String(pid), 'root', path);
  const ballast = join(here, 'ballast');
  return {
    within: ['nsenter', '-t', String(pid), '-U', '-m', '--preserve-credentials'],
    path,
    here,
    fill: (butBytes = 0) => {
      for (const bytes of [1_000_000, 4096, 1]) {
        while (hasRoom(ballast, bytes));
      }
      truncateSync(ballast, Math.max(0, statSync(ballast).size - butBytes));
    },
    free: () => {
      rmSync(ballast, { force: true });
    },
    async unmount() {
      const ended = once(holder, 'exit');
      holder.kill('SIGKILL');
      await ended;
    },
  };
}

function hasRoom(file: string, bytes: number): boolean {
  try {
    appendFileSync(file, Buffer.alloc(bytes));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}
