import './without-tokens.ts';

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../../../src/cli/ssp.mjs', import.meta.url));

/** A running service of the `ssp` command in a process of its own. */
export interface RunningService {
  readonly url: string;
  readonly process: ChildProcess;
  /** Everything on standard error so far. */
  stderr(): string;
  /** Sends `signal` and gives the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/**
 * Starts `ssp <command> --json` with `args`, on a free port unless they name one, and waits until the
 * service says that it is ready.
 */
export async function startService(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  command?: string,
): Promise<RunningService> {
  const service = await launchService(args, env, command);
  const stderr = (): string => service.stderr();
  await untilPrinted(service.process, () => stderr().includes('ready: '), stderr);
  return service;
}

/**
 * Starts one as `startService` does, and waits until its port is open only. `command` is the `ssp` of
 * this checkout, or of another.
 */
export async function launchService(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  command = entry,
): Promise<RunningService> {
  const firstFlag = args.findIndex((arg) => arg.startsWith('-'));
  const words = firstFlag === -1 ? args : args.slice(0, firstFlag);
  const flags = ['--json', '--port', '0', ...args.slice(words.length)];
  const child = spawn(process.execPath, [command, ...words, ...flags], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => (stdout += String(data)));
  child.stderr.on('data', (data) => (stderr += String(data)));
  const exited = once(child, 'exit') as Promise<[number | null]>;
  await untilPrinted(
    child,
    () => stdout.trimEnd().endsWith('}'),
    () => stderr,
  );
  const { url } = JSON.parse(stdout) as { url: string };
  return {
    url,
    process: child,
    stderr: () => stderr,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return (await exited)[0];
    },
  };
}

/** Throws with what is on standard error where the process ends before `isPrinted`. */
async function untilPrinted(
  child: ChildProcess,
  isPrinted: () => boolean,
  stderr: () => string,
): Promise<void> {
  while (!isPrinted()) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the service ended: ${stderr()}`);
    }
    await sleep(20);
  }
}
