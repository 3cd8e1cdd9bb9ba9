import { getSystemErrorName } from 'node:util';

import { SspError } from '../errors/error.ts';

/** What a disk, its rights or a path say, and not what a defect does. */
const fileErrorCodes = new Set([
  ...['ENOENT', 'ENOTDIR', 'EISDIR', 'EEXIST', 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT'],
  ...['EFBIG', 'EMFILE', 'ENFILE', 'ENAMETOOLONG', 'EIO', 'ELOOP', 'EBUSY', 'ENOTEMPTY', 'EXDEV'],
  ...['EMLINK', 'ENXIO', 'ENODEV', 'ESTALE', 'ENOTSUP', 'ETXTBSY', 'ENOLCK', 'EOVERFLOW'],
]);
const noRoom = new Set(['ENOSPC', 'EDQUOT']);
const noRight = new Set(['EROFS', 'EACCES', 'EPERM']);

/** Whether the system refused to work with a file; the message then names the operation. */
export function isFileError(error: unknown): error is NodeJS.ErrnoException {
  if (!(error instanceof Error) || !('syscall' in error)) return false;
  const { code = '', path } = error as NodeJS.ErrnoException;
  return fileErrorCodes.has(code) || typeof path === 'string';
}

/** How libraries that call the system by themselves (LanceDB, in Rust) tell what it refused. */
const toldByLibrary = /([^:(),]+) \(os error (\d+)\)/;

/**
 * What the system refused, told by Node or in the text of a library's error; undefined for every
 * other error.
 */
export function fileErrorOf(error: unknown): NodeJS.ErrnoException | undefined {
  if (isFileError(error)) return error;
  const [, text = '', number] =
    toldByLibrary.exec(error instanceof Error ? error.message : '') ?? [];
  if (number === undefined) return undefined;
  const code = getSystemErrorName(-Number(number));
  if (!fileErrorCodes.has(code)) return undefined;
  return Object.assign(new Error(`${code}: ${text.trim()}`, { cause: error }), { code });
}

/**
 * The coded error for a file operation that the system refused: SSP_DISK_FULL, SSP_NOT_WRITABLE on a
 * disk that is mounted read-only, else SSP_FILE_SYSTEM. `path` where the error names none.
 */
export function fileSystemError(error: NodeJS.ErrnoException, path = 'the output'): SspError {
  const { code = '', message } = error;
  const named = error.path ?? path;
  const cause = { cause: error };
  if (noRoom.has(code))
    return new SspError('SSP_DISK_FULL', { path: named, problem: message }, cause);
  if (code === 'EROFS') return notWritable(error, named);
  const problem = error.path === undefined ? `${message}: ${path}` : message;
  return new SspError('SSP_FILE_SYSTEM', { problem }, cause);
}

/**
 * What writing at `path` threw as a coded error: {@link fileSystemError}, and SSP_NOT_WRITABLE also
 * where a right is missing. What no file operation threw is given back as it is.
 */
export function writeError(error: unknown, path: string): unknown {
  const refused = fileErrorOf(error);
  if (refused === undefined) return error;
  return noRight.has(refused.code ?? '')
    ? notWritable(refused, path)
    : fileSystemError(refused, path);
}

/** Runs what writes at `path`; throws what {@link writeError} makes of its error. */
export async function writingAt<Result>(
  path: string,
  write: () => Promise<Result>,
): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    throw writeError(error, path);
  }
}

export function notWritable(error: Error, path: string): SspError {
  return new SspError('SSP_NOT_WRITABLE', { path, problem: error.message }, { cause: error });
}
