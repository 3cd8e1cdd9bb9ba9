import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

const keptLines = 40;

/** How a program ended: its exit code (-1 where a signal ended it) and its last lines of output. */
export interface Ended {
  readonly code: number;
  readonly tail: readonly string[];
}

/**
 * What a Python program gets of `environment`: unbuffered and in UTF-8, without `PYTHONPATH` and
 * `PYTHONHOME`, whose packages would come before the pinned ones. It keeps what it compiles also where
 * the user's own programs do not: a start of PyTorch would take twice the time.
 */
export function pythonVariables(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const none = {
    PYTHONPATH: undefined,
    PYTHONHOME: undefined,
    PYTHONDONTWRITEBYTECODE: undefined,
  };
  return { ...environment, ...none, PYTHONUNBUFFERED: '1', PYTHONUTF8: '1' };
}

/**
 * Runs a program and gives each line of its standard output to `onLine`; its standard error goes
 * to `tail` and to `onErrorLine`. An abort ends the program (SIGTERM) and throws the signal's reason.
 */
export async function runLines(
  program: string,
  args: readonly string[],
  signal: AbortSignal | undefined,
  onLine: (line: string) => void,
  environment: NodeJS.ProcessEnv = process.env,
  onErrorLine: (line: string) => void = () => undefined,
): Promise<Ended> {
  signal?.throwIfAborted();
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: pythonVariables(environment),
  });
  const tail = readOutput(child, onLine, onErrorLine);
  const stop = (): void => {
    child.kill('SIGTERM');
  };
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    signal?.throwIfAborted();
    return { code: code ?? -1, tail };
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** Gives each line of the outputs to its function; the last lines of both are kept. */
function readOutput(
  child: ChildProcessByStdio<Writable | null, Readable, Readable>,
  onLine: (line: string) => void,
  onErrorLine: (line: string) => void = () => undefined,
): readonly string[] {
  const tail: string[] = [];
  const keep = (line: string): void => {
    tail.push(line);
    if (tail.length > keptLines) tail.shift();
  };
  createInterface(child.stderr).on('line', (line) => {
    keep(line);
    onErrorLine(line);
  });
  createInterface(child.stdout).on('line', (line) => {
    keep(line);
    onLine(line);
  });
  return tail;
}

/** The reason of an abort that ends a service which no longer answers signals. */
export const killAtOnce = new Error('it hangs');

/** How a service ended: its exit code, or the signal that ended it, and its last lines. */
export interface ServiceEnd {
  readonly code: number | null;
  readonly endedBy: NodeJS.Signals | null;
  readonly tail: readonly string[];
}

/**
 * Runs a Python service until it ends; each line of its standard output goes to `onLine`, that of
 * both outputs to `tail`. An abort sends SIGTERM and waits for the service's own end; one with the
 * reason {@link killAtOnce} sends SIGKILL. If this process ends first, the service is killed; it also
 * sees its standard input end.
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
  const stop = (): void => void child.kill(signal.reason === killAtOnce ? 'SIGKILL' : 'SIGTERM');
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
