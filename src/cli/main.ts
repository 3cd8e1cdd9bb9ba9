import { CommanderError } from 'commander';

import { isSspError, messageOf, SspError } from '../errors/error.ts';
import { printable, printableJson } from '../progress/printable.ts';
import { ownLine } from '../progress/terminal-progress.ts';
import { fileErrorOf, fileSystemError } from '../storage/file-errors.ts';
import { createProgram } from './program.ts';

/**
 * Runs the command line and gives the exit code: 0 done, 2 the input or the options are wrong,
 * 3 the machine, another service or ssp itself failed, 130 interrupted. With `--json` an error too
 * is one JSON document, `{error: {code, message, remedy, details}}`.
 */
export async function main(argv: readonly string[]): Promise<number> {
  process.stdout.on('error', endWithReader);
  // Nobody reads what is going on any more (`ssp train 2>&1 | tee log`, where Ctrl-C ends both), or the
  // disk of the log is full: work goes on.
  process.stderr.on('error', () => undefined);
  try {
    const program = await createProgram(argv);
    await program.parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const known = codedError(error);
    if (argv.includes('--json')) {
      process.stdout.write(`${printableJson({ error: known })}\n`);
    }
    // commander has printed its own errors already, with the nearest option and a hint.
    if (!(error instanceof CommanderError)) {
      process.stderr.write(ownLine(process.stderr, `${errorText(known)}\n`));
    }
    if (argv.includes('--verbose')) process.stderr.write(`${printable(stackOf(error))}\n`);
    return known.exitCode;
  }
}

/** A reader such as `head` that has enough is no failure; a file on a full disk is one. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  const known = codedError(error);
  process.stderr.write(`${errorText(known)}\n`);
  process.exit(known.exitCode);
}

function codedError(error: unknown): SspError {
  if (isSspError(error)) return error;
  if (error instanceof CommanderError) return new SspError('SSP_USAGE', { problem: error.message });
  const refused = fileErrorOf(error);
  if (refused !== undefined) return fileSystemError(refused);
  return new SspError('SSP_INTERNAL', { problem: messageOf(error) }, { cause: error });
}

/** The error and what to do; further lines of a message are set in, so that none looks like another. */
function errorText({ code, message, remedy }: SspError): string {
  return printable(`error ${code}: ${message}\n${remedy}`).replaceAll('\n', '\n  ');
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
