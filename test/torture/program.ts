import '../material/cli/without-tokens.ts';

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { hold, Loss } from './trial.ts';

const entry = fileURLToPath(new URL('../../src/cli/ssp.mjs', import.meta.url));
const shownProgress = new URL('../material/cli/shown-progress.ts', import.meta.url).href;
const stageStart = /\r\u001B\[2K([^:\r\n\u001B]+): \d/g;
/** Longer than anything here takes on a machine full of other work. */
const limitMs = 300_000;

/** How a program ended, and what it said. */
export interface End {
  readonly code: number | null;
  readonly endedBy: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A stage of a command as its progress showed it. */
export interface StageSeen {
  readonly name: string;
  readonly atMs: number;
}

/** How a program is started. */
export interface ProgramOptions {
  readonly signal: AbortSignal;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Further modules that are loaded first. */
  readonly preload?: readonly string[] | undefined;
  /** What comes before the program and its arguments: `nsenter`, `sh -c`. */
  readonly wrap?: readonly string[] | undefined;
}

/** The arguments of node for a command of `ssp`. */
function sspProgram(args: readonly string[]): string[] {
  return [process.execPath, entry, ...args];
}

/** A command of `ssp` in a process of its own, with the stages that it is in. */
export class Program {
  readonly process: ChildProcess;
  /** Throws {@link Loss} where it has no end. */
  readonly ended: Promise<End>;
  readonly stages: StageSeen[] = [];
  readonly #signal: AbortSignal;
  #stderr = '';
  #stdout = '';
  #isOver = false;

  constructor(args: readonly string[], { signal, env, preload = [], wrap = [] }: ProgramOptions) {
    signal.throwIfAborted();
    this.#signal = signal;
    const [program = '', ...rest] = [...wrap, ...sspProgram(args)];
    const modules = [shownProgress, ...preload].map((module) => `--import ${module}`).join(' ');
    this.process = spawn(program, rest, {
      env: { ...process.env, ...env, NODE_OPTIONS: modules },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // a group of its own: Ctrl-C is for us, and all of it can be ended
    });
    const startMs = performance.now();
    this.process.stdout?.on('data', (data) => (this.#stdout += String(data)));
    this.process.stderr?.on('data', (data) => {
      this.#stderr += String(data);
      this.#look(performance.now() - startMs);
    });
    this.ended = this.#end(args);
    this.ended.catch(() => undefined);
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** True once `isSo`; false where the program ends before. */
  async until(isSo: () => boolean): Promise<boolean> {
    const lastMs = performance.now() + limitMs;
    while (!isSo()) {
      this.#signal.throwIfAborted();
      if (this.#isOver) return false;
      hold(performance.now() < lastMs, () => `waited in vain:\n${this.#stderr.slice(-2000)}`);
      await sleep(5);
    }
    return true;
  }

  /** Waits for that long, or until the program ends; says whether it still runs. */
  async wait(ms: number): Promise<boolean> {
    const timer = new AbortController();
    const slept = sleep(ms, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([slept, this.ended.catch(() => undefined)]);
    timer.abort();
    this.#signal.throwIfAborted();
    return !this.#isOver;
  }

  /** Sends a signal to the process alone, not to what it has started. */
  send(signal: NodeJS.Signals): void {
    if (!this.#isOver) process.kill(this.pid, signal);
  }

  #look(atMs: number): void {
    const seen = [...this.#stderr.matchAll(stageStart)].map(([, name = '']) => name);
    const names = seen.filter((name, at) => name !== seen[at - 1]);
    for (const name of names.slice(this.stages.length)) this.stages.push({ name, atMs });
  }

  async #end(args: readonly string[]): Promise<End> {
    const limit = AbortSignal.timeout(limitMs);
    const ends = AbortSignal.any([limit, this.#signal]);
    const killAll = (): void => {
      signalTo(-this.pid, 'SIGKILL');
    };
    ends.addEventListener('abort', killAll);
    try {
      const [code, endedBy] = (await once(this.process, 'close')) as [
        number | null,
        NodeJS.Signals | null,
      ];
      this.#isOver = true;
      this.#signal.throwIfAborted();
      if (limit.aborted) {
        const said = this.#stderr.slice(-2000);
        throw new Loss(`ssp ${args.join(' ')} has no end after ${limitMs} ms:\n${said}`);
      }
      return { code, endedBy, stdout: this.#stdout, stderr: this.#stderr };
    } finally {
      this.#isOver = true;
      ends.removeEventListener('abort', killAll);
    }
  }
}

/** Sends a signal to a process, or to a group by its negative id; one that has ended needs none. */
export function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Runs a command of `ssp` to its end. */
export function runProgram(args: readonly string[], options: ProgramOptions): Promise<End> {
  return new Program(args, options).ended;
}

/** The same, which must succeed; gives what it printed as JSON. */
export async function mustRun(args: readonly string[], options: ProgramOptions): Promise<unknown> {
  const { code, endedBy, stdout, stderr } = await runProgram([...args, '--json'], options);
  hold(code === 0, () => `ssp ${args.join(' ')}: ${code ?? endedBy ?? ''}\n${stderr.slice(-2000)}`);
  return JSON.parse(stdout);
}

/** The code of the error that a command ended with, '' where it named none. */
export function errorCodeOf({ stderr }: Pick<End, 'stderr'>): string {
  return /^(?:.*\r\u001B\[2K)?error (SSP_[A-Z_]+):/m.exec(stderr)?.[1] ?? '';
}
