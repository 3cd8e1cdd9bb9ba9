import { existsSync } from 'node:fs';
import { readdir, readFile, rm, statfs } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { SspError } from '../errors/error.ts';
import { writeFileAtomic } from '../storage/atomic-file.ts';
import { cacheFolder, writingToCache } from '../storage/cache-folder.ts';
import { hashOf } from '../storage/hash.ts';
import type { LockHolder } from '../storage/lock.ts';
import { withLock } from '../storage/lock.ts';
import type { InstallContext, Installer } from './installer.ts';
import { pythonOf } from './installer.ts';
import type { Interpreter } from './interpreter.ts';
import { findPython } from './interpreter.ts';
import { pipInstaller } from './pip.ts';
import type { TorchSource } from './requirements.ts';
import { belongsToTorch, lockedRequirements } from './requirements.ts';
import { torchSource } from './requirements.ts';
import { findUv, uvInstaller } from './uv.ts';

/** The locked packages of every Python program here. */
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

export interface EnvironmentOptions extends InstallContext {
  /** Further requirement files, such as the benchmarks'; installed beside the core's versions. */
  readonly extras?: readonly string[];
}

/** Where an environment stands, and what it must hold. */
interface Place {
  readonly folder: string;
  readonly files: readonly {
    readonly path: string;
    readonly text: string;
    /** Written once the file is installed. */
    readonly stamp: string;
  }[];
  /** Where PyTorch comes from if not from the index. */
  readonly torch: TorchSource | undefined;
}

/**
 * The environment where it is installed with its core packages and those of `extras`, else
 * undefined; makes nothing.
 */
export async function installedPythonEnvironment(
  extras: readonly string[] = [],
): Promise<PythonEnvironment | undefined> {
  const place = await placeOf([coreRequirements, ...extras]);
  return isComplete(place) ? environmentOf(place) : undefined;
}

/**
 * The project's own Python environment in the cache folder; made on first use by uv, or by pip where
 * uv is not to be had. Its name carries the hash of the locked requirements, so a new version of them
 * gets a new one. A requirements file counts as installed only once its stamp is written; what an
 * interrupted installation has fetched is used by the next, and a second process waits for the first.
 * Throws the SSP_PYTHON_ errors, and the signal's reason once it is aborted.
 */
export function ensurePythonEnvironment(options: EnvironmentOptions): Promise<PythonEnvironment> {
  return ensureEnvironment([coreRequirements, ...(options.extras ?? [])], options);
}

/** The environment of locked requirements files, the first of which names it. */
export async function ensureEnvironment(
  files: readonly string[],
  context: InstallContext,
): Promise<PythonEnvironment> {
  const place = await placeOf(files);
  if (isComplete(place)) return environmentOf(place);
  const onWait = ({ pid, host, lock }: LockHolder): void => {
    const holder = `Process ${pid} on ${host} is making the Python environment`;
    context.progress.note(`${holder} (${lock}); waiting for it.`);
  };
  await writingToCache('SSP_CACHE_DIR', () =>
    withLock(`${place.folder}.lock`, { ...context, onWait }, async () => {
      if (!isComplete(place)) await complete(place, context);
    }),
  );
  return environmentOf(place);
}

async function placeOf(paths: readonly string[]): Promise<Place> {
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  const torch = texts
    .flatMap((text) => lockedRequirements(text))
    .filter(({ name }) => name === 'torch')
    .map(({ spec }) => torchSource(spec))[0];
  const key = torch === undefined ? (texts[0] ?? '') : `${texts[0] ?? ''}${torch.place}`;
  const folder = resolve(cacheFolder(), 'python', hashOf(key).slice(0, 16));
  const files = paths.map((path, i) => {
    const text = texts[i] ?? '';
    return {
      path: resolve(path),
      text,
      stamp: join(folder, `.installed-${hashOf(text).slice(0, 16)}`),
    };
  });
  return { folder, files, torch };
}

function isComplete({ files }: Place): boolean {
  return files.every(({ stamp }) => existsSync(stamp));
}

function environmentOf({ folder }: Place): PythonEnvironment {
  return { folder, python: pythonOf(folder) };
}

/** Installs what is missing. */
async function complete(place: Place, context: InstallContext): Promise<void> {
  const { folder, files } = place;
  const interpreter = await findPython();
  const uv = await findUv(interpreter, context);
  const installer =
    uv === undefined ? pipInstaller(interpreter) : await uvInstaller(uv, interpreter);
  for (const [i, { path, text, stamp }] of files.entries()) {
    if (existsSync(stamp)) continue;
    if (i === 0) await makeEmpty(place, interpreter, installer, context);
    const sizes = sizesOf(place);
    const downloadBytes = i === 0 ? sizes.downloadBytes : undefined;
    const request = { ...context, folder, downloadBytes };
    if (i === 0 && place.torch !== undefined) {
      await installBesideTorch(text, place.torch, request, installer);
    } else {
      await installer.install({ ...request, what: locked(path) });
    }
    await writeFileAtomic(stamp, `${path}\n`);
  }
}

/** Nothing is resolved anew, and nothing comes in whose bytes the file does not know. */
function locked(path: string): string[] {
  return ['--require-hashes', '--no-deps', '-r', path];
}

/** The locked packages without PyTorch's, then PyTorch from where the user has another build of it. */
async function installBesideTorch(
  text: string,
  torch: TorchSource,
  request: InstallContext & { readonly folder: string },
  installer: Installer,
): Promise<void> {
  const rest = lockedRequirements(text).filter((requirement) => !belongsToTorch(requirement));
  const path = join(request.folder, 'requirements-without-torch.txt');
  await writeFileAtomic(path, `${rest.map((requirement) => requirement.text).join('\n')}\n`);
  await installer.install({ ...request, what: locked(path) });
  await installer.install({ ...request, downloadBytes: undefined, what: torch.flags });
}

/** Measured with Python 3.11 and 3.12: PyTorch's build for Linux brings CUDA. */
function sizesOf({ torch }: Place): {
  downloadBytes: number;
  diskBytes: number;
  freeBytes: number;
} {
  if (torch !== undefined) return { downloadBytes: 0.1e9, diskBytes: 0.4e9, freeBytes: 3e9 };
  return process.platform === 'linux'
    ? { downloadBytes: 2.8e9, diskBytes: 5.1e9, freeBytes: 8e9 }
    : { downloadBytes: 0.2e9, diskBytes: 0.8e9, freeBytes: 2e9 };
}

async function makeEmpty(
  place: Place,
  { version }: Interpreter,
  installer: Installer,
  { progress, signal }: InstallContext,
): Promise<void> {
  const { folder, torch } = place;
  await requireSpace(cacheFolder(), sizesOf(place).freeBytes);
  if (installer.resumes && existsSync(pythonOf(folder))) return;
  const { downloadBytes, diskBytes } = sizesOf(place);
  const sizes = `${gigabytes(downloadBytes)} GB to download, ${gigabytes(diskBytes)} GB on disk`;
  const what =
    torch === undefined
      ? `PyTorch and what it needs, ${sizes}, less what is cached`
      : `PyTorch from ${torch.place}, and beside it ${sizes}`;
  progress.note(
    `Making the Python environment in ${folder} (once; Python ${version}, ${installer.name}): ${what}.`,
  );
  const others = await otherEnvironments(folder);
  if (others.length > 0) {
    progress.note(
      `Beside it are those of other versions (${others.join(', ')}); remove what you use no more.`,
    );
  }
  await rm(folder, { recursive: true, force: true });
  await installer.makeVenv(folder, signal);
}

/** Names of the environments beside `folder`, which may be removed by whoever needs them no more. */
async function otherEnvironments(folder: string): Promise<string[]> {
  const entries = await readdir(dirname(folder), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && entry.name !== basename(folder))
    .map(({ name }) => name);
}

async function requireSpace(path: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(path);
  if (bavail * bsize >= neededBytes) return;
  throw new SspError('SSP_PYTHON_DISK_FULL', {
    path,
    neededGb: gigabytes(neededBytes),
    freeGb: gigabytes(bavail * bsize),
  });
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
