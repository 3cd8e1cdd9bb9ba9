import { CommanderError } from 'commander';

import { isSspError, messageOf, SspError } from '../errors/error.ts';
import { createProgram } from './program.ts';

/**
 * Runs the command line and gives the exit code: 0 done, 2 the input or the options are wrong,
 * 3 the machine, another service or ssp itself failed, 130 interrupted. With `--json` an error too
 * is one JSON document, `{error: {code, message, remedy, details}}`.
 */
export async function main(argv: readonly string[]): Promise<number> {
  process.stdout.on('error', endWithReader);
  process.stderr.on('error', goOnWithoutReader);
  try {
    await createProgram().parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const known = codedError(error);
    if (argv.includes('--json')) {
      process.stdout.write(`${JSON.stringify({ error: known }, null, 2)}\n`);
    }
    // commander has printed its own errors already, with the nearest option and a hint.
    if (!(error instanceof CommanderError)) {
      process.stderr.write(`error ${known.code}: ${known.message}\n  ${known.remedy}\n`);
    }
    if (argv.includes('--verbose')) process.stderr.write(`${stackOf(error)}\n`);
    return known.exitCode;
  }
}

/** A reader such as `head` that has enough is no failure. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
}

/**
 * Nobody reads what is going on any more: `ssp train 2>&1 | tee log`, where Ctrl-C ends both, or a
 * terminal that was closed.
 */
function goOnWithoutReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
}

function codedError(error: unknown): SspError {
  if (isSspError(error)) return error;
  if (error instanceof CommanderError) return new SspError('SSP_USAGE', { problem: error.message });
  if (isFileError(error))
    return new SspError('SSP_FILE_SYSTEM', { problem: error.message }, { cause: error });
  return new SspError('SSP_INTERNAL', { problem: messageOf(error) }, { cause: error });
}

/** What a disk, its rights or a path say, and not what a defect does. */
const fileErrorCodes = new Set([
  ...['ENOENT', 'ENOTDIR', 'EISDIR', 'EEXIST', 'EACCES', 'EPERM', 'EROFS', 'ENOSPC'],
  ...['EDQUOT', 'EFBIG', 'EMFILE', 'ENFILE', 'ENAMETOOLONG', 'EIO'],
]);

/** Whether the system said so; the message then names operation and path. */
function isFileError(error: unknown): error is NodeJS.ErrnoException {
  if (!(error instanceof Error) || !('syscall' in error)) return false;
  return fileErrorCodes.has((error as NodeJS.ErrnoException).code ?? '');
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
