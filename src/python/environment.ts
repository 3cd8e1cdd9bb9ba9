import { existsSync } from 'node:fs';
import { readFile, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { SspError } from '../errors/error.ts';
import type { Progress } from '../progress/progress.ts';
import { writeFileAtomic } from '../storage/atomic-file.ts';
import { cacheFolder } from '../storage/cache-folder.ts';
import { hashOf } from '../storage/hash.ts';
import type { LockHolder } from '../storage/lock.ts';
import { withLock } from '../storage/lock.ts';
import type { Interpreter } from './interpreter.ts';
import { findPython } from './interpreter.ts';
import { installPackages, makeVenv } from './pip.ts';

const neededBytes = 8e9;

/** The pinned packages of every Python program here. */
const coreRequirements = fileURLToPath(
  new URL('../../services/policy/requirements.txt', import.meta.url),
);

/** What the checks and tests of the Python package need beside them. */
export const developmentRequirements = fileURLToPath(
  new URL('../../services/policy/requirements-dev.txt', import.meta.url),
);

export interface PythonEnvironment {
  /** The environment's Python program. */
  readonly python: string;
  readonly folder: string;
}

export interface EnvironmentOptions {
  readonly progress: Progress;
  readonly signal?: AbortSignal;
  /** Further requirement files, such as the benchmarks'; installed beside the core's versions. */
  readonly extras?: readonly string[];
}

/**
 * The environment where it is installed with its core packages and those of `extras`, else
 * undefined; makes nothing.
 */
export async function installedPythonEnvironment(
  extras: readonly string[] = [],
): Promise<PythonEnvironment | undefined> {
  const { folder, stamps } = await placeOf([coreRequirements, ...extras]);
  if (!stamps.every((stamp) => existsSync(stamp))) return undefined;
  return { python: pythonOf(folder), folder };
}

/** Where the environment stands, and the stamps of the requirement files that it must hold. */
async function placeOf(files: readonly string[]): Promise<{ folder: string; stamps: string[] }> {
  const hashes = (await Promise.all(files.map((file) => readFile(file, 'utf8')))).map((text) =>
    hashOf(text).slice(0, 16),
  );
  const folder = join(cacheFolder(), 'python', hashes[0] ?? '');
  return { folder, stamps: hashes.map((hash) => join(folder, `.installed-${hash}`)) };
}

/**
 * The project's own Python environment in the cache folder; made on first use (about 5 GB with
 * CUDA packages, a few minutes). Its name carries the hash of the pinned requirements, so a new
 * version of them gets a new one. A requirements file counts as installed only once its stamp is
 * written; an interrupted installation is gone on with, and a second process waits for the first.
 * Throws the SSP_PYTHON_ errors, and the signal's reason once it is aborted.
 */
export async function ensurePythonEnvironment(
  options: EnvironmentOptions,
): Promise<PythonEnvironment> {
  const files = [coreRequirements, ...(options.extras ?? [])];
  const { folder, stamps } = await placeOf(files);
  const environment = { python: pythonOf(folder), folder };
  if (stamps.every((stamp) => existsSync(stamp))) return environment;

  const onWait = ({ pid, host, lock }: LockHolder): void => {
    const holder = `Process ${pid} on ${host} is making the Python environment`;
    options.progress.note(`${holder} (${lock}); waiting for it.`);
  };
  await withLock(`${folder}.lock`, { ...options, onWait }, async () => {
    for (const [i, file] of files.entries()) {
      const stamp = stamps[i] ?? '';
      if (existsSync(stamp)) continue;
      if (i === 0) await makeEmpty(folder, options);
      await installPackages({ folder, file, constraints: coreRequirements, ...options });
      await writeFileAtomic(stamp, `${file}\n`);
    }
  });
  return environment;
}

async function makeEmpty(folder: string, options: EnvironmentOptions): Promise<void> {
  await requireSpace(cacheFolder());
  if (existsSync(pythonOf(folder))) return;
  const interpreter: Interpreter = await findPython();
  options.progress.note(
    `Making the Python environment in ${folder} (once; Python ${interpreter.version}).`,
  );
  await rm(folder, { recursive: true, force: true });
  await makeVenv(interpreter, folder, options.signal);
}

async function requireSpace(path: string): Promise<void> {
  const { bavail, bsize } = await statfs(path);
  if (bavail * bsize >= neededBytes) return;
  const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);
  throw new SspError('SSP_PYTHON_DISK_FULL', {
    path,
    neededGb: gigabytes(neededBytes),
    freeGb: gigabytes(bavail * bsize),
  });
}

function pythonOf(folder: string): string {
  return process.platform === 'win32'
    ? join(folder, 'Scripts', 'python.exe')
    : join(folder, 'bin', 'python');
}
