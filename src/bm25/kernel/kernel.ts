import { readFileSync } from 'node:fs';

import type { LoadedShard } from '../load.ts';

// The host's side of the kernel: the structures of assembly/memory.ts as offsets in bytes.

/** The most terms and the most hits that the kernel searches with; beyond them others search. */
export const kernelTerms = 100;
export const kernelHits = 1024;

const layoutBytes = 128;
const queryBytes = 32;
const termBytes = 24;
const bestBytes = 16;

/** A term of a query in a shard. */
interface KernelTerm {
  readonly weight: number;
  /** Its weight in the sums of 16 bits: those of a query sum to 257 or less. */
  readonly multiplier: number;
  readonly firstEntry: number;
  readonly endEntry: number;
}

/** A query, and what earlier shards have found for it. */
interface KernelQuery {
  readonly terms: readonly KernelTerm[];
  readonly depth: number;
  readonly scale: number;
  readonly before: KernelResult | undefined;
}

/** The best rows, as the kernel keeps them, and the threshold that they set. */
export interface KernelResult {
  readonly found: number;
  readonly threshold: number;
  readonly best: Uint8Array;
}

interface KernelExports {
  configure(layout: number): void;
  scratchBytes(): number;
  queryPointer(): number;
  bestPointer(): number;
  search(): number;
}

let compiled: WebAssembly.Module | undefined;

function kernelModule(): WebAssembly.Module {
  return (compiled ??= new WebAssembly.Module(
    readFileSync(new URL('kernel.wasm', import.meta.url)),
  ));
}

function instantiate(memory: WebAssembly.Memory): KernelExports {
  const { exports } = new WebAssembly.Instance(kernelModule(), { env: { memory } });
  return exports as unknown as KernelExports;
}

/** Scratch that a thread needs in each shard's memory. */
export function scratchBytes(): number {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536, shared: true });
  const bytes = layoutBytes + instantiate(memory).scratchBytes();
  return Math.ceil(bytes / layoutBytes) * layoutBytes;
}

/** Searches one shard. */
export type ShardKernel = (query: KernelQuery) => KernelResult;

/** The kernel of a thread (from 0) on a shard. */
export function createShardKernel(
  shard: LoadedShard,
  thread: number,
  parameters: { readonly k1: number; readonly b: number; readonly averageLength: number },
): ShardKernel {
  const { memory } = shard;
  const kernel = instantiate(memory);
  const layout = shard.scratchAddress + thread * scratchBytes();
  writeLayout(shard, layout, parameters);
  kernel.configure(layout);
  const view = new DataView(memory.buffer);
  // The kernel's pointers come as numbers with a sign: beyond 2 GiB they are below 0.
  const [query, best] = [kernel.queryPointer() >>> 0, kernel.bestPointer() >>> 0];

  return ({ terms, depth, scale, before }) => {
    view.setInt32(query, terms.length, true);
    view.setInt32(query + 4, depth, true);
    view.setInt32(query + 8, shard.firstRow, true);
    view.setInt32(query + 12, before?.found ?? 0, true);
    view.setInt32(query + 16, before?.threshold ?? 0, true);
    view.setFloat64(query + 24, scale, true);
    let at = query + queryBytes;
    for (const { weight, multiplier, firstEntry, endEntry } of terms) {
      view.setFloat64(at, weight, true);
      view.setInt32(at + 8, multiplier, true);
      view.setInt32(at + 12, firstEntry, true);
      view.setInt32(at + 16, endEntry, true);
      at += termBytes;
    }
    if (before !== undefined) new Uint8Array(memory.buffer).set(before.best, best);
    const found = kernel.search();
    return {
      found,
      threshold: view.getInt32(query + 16, true),
      best: new Uint8Array(memory.buffer, best, found * bestBytes),
    };
  };
}

/** The rows and scores of a result, best first. */
export function readBest({ found, best }: KernelResult): { row: number; score: number }[] {
  const view = new DataView(best.buffer, best.byteOffset, best.byteLength);
  return Array.from({ length: found }, (_value, i) => ({
    row: view.getInt32(i * bestBytes + 8, true),
    score: view.getFloat64(i * bestBytes, true),
  }));
}

function writeLayout(
  { memory, addresses, exceptions, rows }: LoadedShard,
  layout: number,
  {
    k1,
    b,
    averageLength,
  }: { readonly k1: number; readonly b: number; readonly averageLength: number },
): void {
  const view = new DataView(memory.buffer, layout);
  const { documents, impacts, lengths, ranks, directory, buckets } = addresses;
  const words = [
    ...[documents, impacts, lengths, ranks, directory, buckets],
    ...[addresses.exceptions, exceptions, rows, layout + layoutBytes],
  ];
  for (const [i, word] of words.entries()) view.setUint32(4 * i, word, true);
  for (const [i, value] of [k1, b, averageLength].entries()) {
    view.setFloat64(4 * words.length + 8 * i, value, true);
  }
}
