import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { constrainedMemory } from 'node:process';
import { promisify } from 'node:util';

import { findBzip2 } from '../../corpus/bzip2-program.ts';
import type { EncoderSize, IndexNeeds } from '../../indexer/sizing.ts';
import { e5Sizes, indexNeeds } from '../../indexer/sizing.ts';
import type { EncoderConfig } from '../config/index-build.ts';
import { isSspError, messageOf, SspError } from '../errors/error.ts';
import { silentProgress } from '../progress/progress.ts';
import type { EncoderRate } from './encoder-rate.ts';
import { measureEncoder } from './encoder-rate.ts';

const run = promisify(execFile);
const probeTimeoutMs = 10_000;

/** What this machine has. */
export interface MachineFacts {
  readonly cpu: string;
  /** Cores that this process may use. */
  readonly cores: number;
  /** Memory of the machine, or of the container where that is less. */
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
  /** Free disk of `folder`. */
  readonly folder: string;
  readonly freeDiskBytes: number;
  readonly node: string;
  /** A native bzip2 program, undefined where the JavaScript library will do the work. */
  readonly bzip2: { readonly path: string; readonly isParallel: boolean } | undefined;
  /** A Python for `ssp encoder export`, or why there is none. */
  readonly python: Finding;
  readonly gpus: readonly { readonly name: string; readonly memoryBytes: number }[];
  /** The configured encoder, or why it does not open. */
  readonly encoder: Finding;
  /** What it does here, where it opens. */
  readonly encoderRate?: EncoderRate & { readonly memoryBytes: number };
}

/** Something that is there, or the reason why it is not. */
export type Finding =
  | { readonly found: string; readonly problem?: undefined }
  | { readonly found?: undefined; readonly problem: string };

/**
 * Looks at the machine; what it lacks is a finding. Throws SSP_FILE_NOT_FOUND without `folder`.
 */
export async function machineFacts(folder: string, encoder: EncoderConfig): Promise<MachineFacts> {
  const limit = constrainedMemory();
  const disk = await statfs(folder).catch(() => {
    throw new SspError('SSP_FILE_NOT_FOUND', { what: 'folder', path: folder });
  });
  let encoderRate: MachineFacts['encoderRate'];
  const encoderFound = await finding(async () => {
    const { found, rate } = await encoderFact(encoder);
    encoderRate = rate;
    return found;
  });
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: limit > 0 ? Math.min(limit, totalmem()) : totalmem(),
    freeMemoryBytes: freemem(),
    folder,
    freeDiskBytes: disk.bavail * disk.bsize,
    node: process.version,
    bzip2: findBzip2(),
    python: await finding(pythonFact),
    gpus: await gpuFacts(),
    encoder: encoderFound,
    ...(encoderRate && { encoderRate }),
  };
}

async function finding(look: () => Promise<string>): Promise<Finding> {
  try {
    return { found: await look() };
  } catch (error) {
    return { problem: isSspError(error) ? `${error.message} ${error.remedy}` : messageOf(error) };
  }
}

async function pythonFact(): Promise<string> {
  const { findPython } = await import('../python/interpreter.ts');
  const { path, version } = await findPython();
  return `${version} (${path})`;
}

/** Opens the encoder and sees what it does; a local one's memory is what this process has taken for it. */
async function encoderFact(config: EncoderConfig): Promise<{
  readonly found: string;
  readonly rate: NonNullable<MachineFacts['encoderRate']>;
}> {
  const { openEncoder } = await import('../retrieval/encoder.ts');
  const bytesBefore = process.memoryUsage.rss();
  const encoder = await openEncoder(config, { progress: silentProgress });
  try {
    const { name, dimension, dtype } = encoder.description;
    const rate = await measureEncoder(encoder);
    const memoryBytes = Math.max(0, process.memoryUsage.rss() - bytesBefore);
    const perSecond = rate.passagesPerSecond.toPrecision(2);
    const found = `${name} (${dimension} dimensions, ${dtype}), ${Number(perSecond)} passages/s`;
    return { found, rate: { ...rate, memoryBytes } };
  } finally {
    await encoder.close();
  }
}

/** NVIDIA GPUs by `nvidia-smi`; none where that program is missing or fails. */
async function gpuFacts(): Promise<MachineFacts['gpus']> {
  const query = ['--query-gpu=name,memory.total', '--format=csv,noheader,nounits'];
  try {
    const { stdout } = await run('nvidia-smi', query, { timeout: probeTimeoutMs });
    return gpusOf(stdout);
  } catch {
    return [];
  }
}

/** The lines of `nvidia-smi`: `NVIDIA H200, 143771`, memory in MiB. */
export function gpusOf(lines: string): MachineFacts['gpus'] {
  return lines
    .split('\n')
    .map((line) => /^(.+), *(\d+)\s*$/.exec(line))
    .filter((match) => match !== null)
    .map(([, name = '', mebibytes]) => ({ name, memoryBytes: Number(mebibytes) * 2 ** 20 }));
}

/** What one kind of index over so many passages needs here. */
export interface NeedsRow extends IndexNeeds {
  readonly passages: number;
  readonly index: string;
  /** What there is too little of; empty where it fits. */
  readonly lacks: readonly ('memory' | 'disk')[];
}

/** What an index of each kind over each number of passages needs, and whether it fits here. */
export function needsOf(facts: MachineFacts, counts: readonly number[]): NeedsRow[] {
  const { encoderRate } = facts;
  const measured: EncoderSize[] =
    encoderRate === undefined ? [] : [{ ...encoderRate, weightBytes: encoderRate.memoryBytes / 2 }];
  return counts.flatMap((passages) =>
    [undefined, ...measured, ...e5Sizes].map((encoder): NeedsRow => {
      const needs = indexNeeds(passages, facts.cores, encoder);
      const memoryBytes = Math.max(needs.buildMemoryBytes, needs.serveMemoryBytes);
      const lacks = [
        ...(memoryBytes > facts.memoryBytes ? (['memory'] as const) : []),
        ...(needs.buildDiskBytes > facts.freeDiskBytes ? (['disk'] as const) : []),
      ];
      return { passages, index: encoder ? `BM25 + ${encoder.name}` : 'BM25', ...needs, lacks };
    }),
  );
}
