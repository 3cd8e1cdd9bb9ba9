import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';

import { SspError } from '../errors/error.ts';
import type { JobContext, Progress } from '../progress/progress.ts';

/** What an installation reports to, and what ends it. */
export type InstallContext = Pick<JobContext, 'progress'> & Partial<Pick<JobContext, 'signal'>>;

/** What is to be installed into an environment. */
export interface InstallRequest extends InstallContext {
  /** Folder of the virtual environment. */
  readonly folder: string;
  /** What to install and from where, in the flags that pip and uv share. */
  readonly what: readonly string[];
  /** What has to be fetched where nothing is cached, for the progress. */
  readonly downloadBytes?: number | undefined;
}

/** A program that makes virtual environments and installs into them: uv, or pip where there is none. */
export interface Installer {
  /** For people: `uv 0.13.9`. */
  readonly name: string;
  /** What an interrupted installation leaves is gone on with; otherwise it is begun anew from a cache. */
  readonly resumes: boolean;
  /** Makes an empty environment. Throws SSP_PYTHON_VENV_MISSING. */
  makeVenv(folder: string, signal?: AbortSignal): Promise<void>;
  /**
   * Installs into the environment; the output is kept in its `install.log`. Throws
   * SSP_PYTHON_PACKAGE_MISSING, SSP_PYTHON_PACKAGE_CHANGED, SSP_PYTHON_INSTALL_FAILED, and the
   * signal's reason once it is aborted.
   */
  install(request: InstallRequest): Promise<void>;
}

/** The Python program of an environment. */
export function pythonOf(folder: string): string {
  return process.platform === 'win32'
    ? join(folder, 'Scripts', 'python.exe')
    : join(folder, 'bin', 'python');
}

/** Where the output of an environment's installations is kept. */
function logOf(folder: string): string {
  return join(folder, 'install.log');
}

/** Keeps a line of output for whoever looks for a failure's cause. */
export function keepLine(folder: string, line: string): void {
  void appendFile(logOf(folder), `${line}\n`).catch(() => undefined);
}

const notedBytes = 50e6;

/** Says that a large file is being fetched. */
export function noteDownload(progress: Progress, name: string, bytes: number): void {
  if (bytes > notedBytes) progress.note(`  downloading ${name} (${Math.round(bytes / 1e6)} MB)`);
}

const wordsOfMissing = [
  /No matching distribution found for (\S+)/,
  /Because (\S+) was not found in the package registry/,
  /there is no version of (\S+)/,
  /Because (\S+) has no wheels/,
];
const wordsOfChanged = [/Hash mismatch for `([^`]+)`/, /MATCH THE HASHES[^\n]*\n\s*(\S+)/];

/** The error of a failed installation, by the last lines of pip's or uv's output. */
export function installError(
  tail: readonly string[],
  { folder, name }: { readonly folder: string; readonly name: string },
): SspError {
  const text = tail.join('\n');
  const found = (words: readonly RegExp[]): string | undefined =>
    words.map((word) => word.exec(text)?.[1]).find((match) => match !== undefined);
  const log = logOf(folder);
  const changed = found(wordsOfChanged);
  if (changed !== undefined) {
    return new SspError('SSP_PYTHON_PACKAGE_CHANGED', { package: changed, log });
  }
  const missing = found(wordsOfMissing);
  if (missing !== undefined) {
    const details = { installer: name, package: missing, python: pythonOf(folder) };
    return new SspError('SSP_PYTHON_PACKAGE_MISSING', details);
  }
  const lines = tail.filter((line) => /^(ERROR|error)\b|^\s*cause:/.test(line));
  const problem = lines.map((line) => line.trim()).join('; ') || tail.at(-1) || 'no output';
  return new SspError('SSP_PYTHON_INSTALL_FAILED', { problem, log });
}
