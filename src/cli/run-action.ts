import type { Command } from 'commander';

import { isSspError, SspError } from '../errors/error.ts';
import { printable, printableJson } from '../progress/printable.ts';
import type { JobContext } from '../progress/progress.ts';
import { terminalProgress } from '../progress/terminal-progress.ts';
import { onLauncherEnd } from './launcher.ts';

/** What a command works with. Results go to standard output, everything else to standard error. */
export interface CommandContext extends JobContext {
  /** Aborted by the first Ctrl-C or SIGTERM; the command then leaves a resumable state. */
  readonly signal: AbortSignal;
  /** Prints the result: `human` for people, or `value` as one JSON document with `--json`. */
  readonly print: (value: unknown, human: string) => void;
}

/** The context of a real run; a second Ctrl-C ends the process at once. */
function createContext(json: boolean): CommandContext {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(130);
    process.stderr.write(`\n${name}: stopping; once more ends at once.\n`);
    controller.abort(new Error(name));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  onLauncherEnd(() => {
    if (!controller.signal.aborted) stop('SIGTERM');
  });
  return {
    signal: controller.signal,
    progress: terminalProgress(process.stderr),
    print: (value, human) => {
      process.stdout.write(`${json ? printableJson(value) : printable(human)}\n`);
    },
  };
}

/** The options of a command as commander parsed them, global ones included. */
export type CommandOptions = Readonly<Record<string, unknown>>;

/**
 * Wraps a command's body for commander: gives it its context, its options and its operands, the
 * variadic ones flattened. Whatever breaks off after Ctrl-C is reported as SSP_INTERRUPTED, unless
 * that `isTheEnd` of the command.
 */
export function runAction(
  body: (
    context: CommandContext,
    options: CommandOptions,
    operands: readonly string[],
  ) => Promise<void>,
  { isTheEnd = false } = {},
): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    const command = args.at(-1) as Command;
    const options: CommandOptions = command.optsWithGlobals();
    const operands = args.slice(0, -2).flat() as string[];
    const context = createContext(options['json'] === true);
    try {
      await body(context, options, operands);
    } catch (error) {
      throw context.signal.aborted && !isTheEnd ? interrupted(error) : error;
    }
  };
}

/** A job that knows what it keeps has said so itself; anything else was merely broken off. */
function interrupted(error: unknown): unknown {
  if (isSspError(error, 'SSP_INTERRUPTED')) return error;
  const progress = 'the command was stopped before its end.';
  return new SspError(
    'SSP_INTERRUPTED',
    { progress, resume: 'it takes up or makes anew the rest.' },
    { cause: error },
  );
}
