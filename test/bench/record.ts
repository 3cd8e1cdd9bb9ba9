import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One measured value with what it is held against. */
export interface Figure {
  readonly measure: string;
  readonly value: number | string;
  /** The bar it must reach, where it has one: at least (or, with `atMost`, at most) this. */
  readonly bar?: number;
  readonly atMost?: true;
}

/** What a benchmark leaves behind. */
export interface BenchmarkRecord {
  readonly question: string;
  readonly command: string;
  readonly date: string;
  /** Commit of the working tree, with `+` where it had changes. */
  readonly commit: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGiB: number;
    readonly node: string;
  };
  readonly figures: readonly Figure[];
  /** Everything else that was measured. */
  readonly details: Readonly<Record<string, unknown>>;
}

const folder = fileURLToPath(new URL('results/', import.meta.url));

/**
 * Prints the figures and keeps them in `results/<question>.json`, `question` being the name of the
 * benchmark's file. The exit code is 1 where a bar is missed.
 */
export async function recordFigures(
  benchmark: string,
  figures: readonly Figure[],
  details: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const question = basename(fileURLToPath(benchmark)).replace(/\.bench\.ts$/, '');
  const record: BenchmarkRecord = {
    question,
    command: `npm run bench -- ${question}`,
    date: new Date().toISOString(),
    commit: currentCommit(),
    machine: currentMachine(),
    figures,
    details,
  };
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}${question}.json`, `${JSON.stringify(record, null, 2)}\n`);
  printTable(
    figures.map((figure) => ({
      measure: figure.measure,
      value: rounded(figure.value),
      bar: figure.bar === undefined ? '' : `${figure.atMost ? '<=' : '>='} ${figure.bar}`,
      '': verdict(figure),
    })),
  );
  if (figures.some((figure) => verdict(figure) === 'MISSED')) process.exitCode = 1;
}

/** Prints rows as an aligned table, the first row's keys as its head. */
export function printTable(rows: readonly Readonly<Record<string, string | number>>[]): void {
  const heads = Object.keys(rows[0] ?? {});
  const lines = [heads, ...rows.map((row) => heads.map((head) => rounded(row[head] ?? '')))];
  const widths = heads.map((_head, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  for (const line of lines) {
    const cells = line.map((cell, i) =>
      i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0),
    );
    process.stdout.write(`${cells.join('  ').trimEnd()}\n`);
  }
  process.stdout.write('\n');
}

/** Whether a figure reaches its bar; empty where it has none. */
export function verdict({ value, bar, atMost }: Figure): 'ok' | 'MISSED' | '' {
  if (bar === undefined || typeof value === 'string') return '';
  return (atMost ? value <= bar : value >= bar) ? 'ok' : 'MISSED';
}

/** Four significant figures, whole numbers whole. */
export function rounded(value: number | string): string {
  if (typeof value === 'string' || Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(4);
}

/** The machine, as records name it. */
export function currentMachine(): BenchmarkRecord['machine'] {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
}

/** Commit of the working tree, with `+` where it has changes. */
export function currentCommit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { encoding: 'utf8', cwd: folder.replace(/results\/$/, '') }).trim();
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no', '..', '../../src');
    return git('rev-parse', '--short=12', 'HEAD') + (changed === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}
