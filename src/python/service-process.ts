import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { pythonVariables, readOutput } from './process.ts';

/** How a service ended: its exit code, or the signal that ended it, and its last lines. */
export interface ServiceEnd {
  readonly code: number | null;
  readonly endedBy: NodeJS.Signals | null;
  readonly tail: readonly string[];
}

/**
 * Runs a Python service until it ends; each line of its standard output goes to `onLine`, that of
 * both outputs to `tail`. An abort sends SIGTERM and waits for the service's own end. If this
 * process ends first, the service is killed; it also sees its standard input end.
 */
export async function runService(
  python: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<ServiceEnd> {
  signal.throwIfAborted();
  const child = spawn(python, args, {
    stdio: 'pipe',
    env: { ...pythonVariables(), ...environment },
  });
  const tail = readOutput(child, onLine);
  const stop = (): void => void child.kill('SIGTERM');
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  process.on('exit', kill);
  try {
    const [code, endedBy] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    return { code, endedBy, tail };
  } finally {
    signal.removeEventListener('abort', stop);
    process.off('exit', kill);
  }
}
