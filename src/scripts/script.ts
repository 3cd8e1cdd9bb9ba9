import { isSspError, messageOf } from '../errors/error.ts';
import type { JobContext } from '../progress/progress.ts';
import { terminalProgress } from '../progress/terminal-progress.ts';
import { CommandFailed } from './ssp-command.ts';

/** What is wrong with the options of a script. */
export class UsageProblem extends Error {}

/**
 * Runs a script's work until it ends or Ctrl-C stops it, says what went wrong, and gives the exit code
 * that `ssp` would end with.
 */
export async function runScript(work: (context: JobContext) => Promise<void>): Promise<number> {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    controller.abort(new Error(name));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    await work({ progress: terminalProgress(process.stderr), signal: controller.signal });
    return 0;
  } catch (error) {
    if (controller.signal.aborted) {
      say('Stopped; the same command goes on from here.');
      return 130;
    }
    say(problemText(error));
    return exitCodeOf(error);
  }
}

function problemText(error: unknown): string {
  if (isSspError(error)) return `${error.code}: ${error.message}\n  ${error.remedy}`;
  return isUsage(error) ? `${messageOf(error)}; see --help.` : messageOf(error);
}

function exitCodeOf(error: unknown): number {
  if (isSspError(error) || error instanceof CommandFailed) return error.exitCode;
  return isUsage(error) ? 2 : 3;
}

/** Also what `parseArgs` does not know. */
function isUsage(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return error instanceof UsageProblem || code.startsWith('ERR_PARSE_ARGS');
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
