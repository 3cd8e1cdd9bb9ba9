import { stat } from 'node:fs/promises';

import { messageOf } from '../errors/error.ts';
import type { HashOptions } from './hash.ts';
import { hashFile } from './hash.ts';

/** What was recorded of a file when it was written. */
export interface RecordedFile {
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

/** What is wrong with the size of the file at `path`, a clause; undefined where nothing is. */
export async function sizeProblem(
  path: string,
  { bytes }: Pick<RecordedFile, 'bytes'>,
): Promise<string | undefined> {
  try {
    const stats = await stat(path);
    if (!stats.isFile()) return 'it is no file';
    return stats.size === bytes ? undefined : `it has ${stats.size} bytes, ${bytes} were written`;
  } catch (error) {
    return problemOf(error);
  }
}

/**
 * What is wrong with the content of the file at `path`, a clause; undefined where its size and its
 * hash are those that were recorded. Throws the signal's reason once it is aborted, and what the
 * system says where it has no memory or no file handle left.
 */
export async function contentProblem(
  path: string,
  file: RecordedFile,
  options: HashOptions = {},
): Promise<string | undefined> {
  const problem = await sizeProblem(path, file);
  if (problem !== undefined) return problem;
  try {
    const sha256 = await hashFile(path, options);
    if (sha256 === file.sha256) return undefined;
    return `its SHA-256 is ${short(sha256)}, that of what was written is ${short(file.sha256)}`;
  } catch (error) {
    options.signal?.throwIfAborted();
    return problemOf(error);
  }
}

/** What the system says where it lacks something itself, which is no problem of the file. */
const passingCodes = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN']);
const missingCodes = new Set(['ENOENT', 'ENOTDIR']);

function problemOf(error: unknown): string {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (passingCodes.has(code)) throw error;
  return missingCodes.has(code) ? 'it is missing' : `it cannot be read (${messageOf(error)})`;
}

function short(hash: string): string {
  return hash.slice(0, 12);
}
