import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { processTime } from './cpu-seconds.ts';

const entry = fileURLToPath(new URL('../../src/cli/ssp.mjs', import.meta.url));
const folder = fileURLToPath(new URL('../../runs/bench/', import.meta.url));

/** Path of what the benchmarks keep between runs: corpora, indexes, exported models. */
export async function workshopPath(name: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  return join(folder, name);
}

/**
 * Runs a program with its messages on standard error and gives its standard output. `prefix` is a
 * command that starts another, such as {@link oneCore}. Throws where it fails.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  prefix: readonly string[] = [],
): Promise<string> {
  const [first = program, ...rest] = [...prefix, program, ...args];
  const child = spawn(first, rest, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code ?? 'a signal'}`);
  return Buffer.concat(output).toString('utf8');
}

/** Runs the `ssp` command. */
export async function ssp(...args: string[]): Promise<string> {
  return runProgram(process.execPath, [entry, ...args]);
}

/** Imports a file of passages once; the corpus folder. */
export async function importedCorpus(name: string, file: string): Promise<string> {
  const out = await workshopPath(`${name}-corpus`);
  if (!existsSync(join(out, 'manifest.json'))) await ssp('corpus', 'import', file, '--out', out);
  return out;
}

/**
 * Builds an index, goes on with one that was interrupted, or leaves it as it is where it is finished;
 * what was built with other settings is replaced. The index folder.
 */
export async function builtIndex(
  name: string,
  corpus: string,
  ...options: string[]
): Promise<string> {
  const out = await workshopPath(`${name}-index`);
  const build = ['index', 'build', '--corpus', corpus, '--out', out, ...options];
  await ssp(...build).catch(() => ssp(...build, '--force'));
  return out;
}

/** Binds a program to the first core, where the system has `taskset`; else it runs as it is. */
export const oneCore: readonly string[] = existsSync('/usr/bin/taskset')
  ? ['taskset', '-c', '0']
  : [];

/** What a program took; the peak is of resident memory. Without /proc the last two are 0. */
export interface Measured {
  readonly seconds: number;
  /** Of its own threads, up to a tenth of a second before its end. */
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

/** Runs `ssp` and measures it. */
export function measuredSsp(...args: string[]): Promise<Measured> {
  return measuredProgram(entry, ...args);
}

/** Runs a program of Node.js and measures it. */
export async function measuredProgram(...args: string[]): Promise<Measured> {
  const started = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 2, 2] });
  let [peakBytes, cpuSeconds] = [0, 0];
  const timer = setInterval(() => {
    void peakOf(child.pid).then((bytes) => (peakBytes = Math.max(peakBytes, bytes)));
    void processTime(child.pid ?? 0).then((time) => (cpuSeconds = time?.seconds ?? cpuSeconds));
  }, 100);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearInterval(timer);
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code ?? 'a signal'}`);
  return { seconds: (performance.now() - started) / 1000, cpuSeconds, peakBytes };
}

/** Linux keeps the peak itself (VmHWM), so that nothing is missed between two looks. */
async function peakOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid ?? 0}/status`, 'utf8').catch(() => '');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}
