import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { messageOf } from '../errors/error.ts';
import type { JobContext } from '../progress/progress.ts';

const program = fileURLToPath(new URL('../cli/ssp.mjs', import.meta.url));

/** A command that ended with an exit code; it has said why. */
export class CommandFailed extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`the command above ended with exit code ${exitCode}`);
    this.exitCode = exitCode;
  }
}

/**
 * Shows an `ssp` command and runs it, its output to where ours goes. An abort stops it, and waits until
 * it has left its state whole. Throws {@link CommandFailed}.
 */
export async function runSsp(
  args: readonly string[],
  { progress, signal }: JobContext,
): Promise<void> {
  signal.throwIfAborted();
  progress.note(`\n$ npx ssp ${args.map(quoted).join(' ')}`);
  const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' });
  const stop = (): void => {
    // A terminal's Ctrl-C reaches the command too, and a second signal would end it at once.
    if (messageOf(signal.reason) !== 'SIGINT') child.kill('SIGTERM');
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    signal.throwIfAborted();
    if (code !== 0) throw new CommandFailed(code ?? 3);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function quoted(word: string): string {
  return /^[\w./:@=,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
