// How many passages a second are encoded, beside sentence-transformers on the same texts and threads?
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

import { z } from 'zod';

import { encoderConfig } from '../../src/config/index-build.ts';
import { silentProgress } from '../../src/progress/progress.ts';
import { openEncoder } from '../../src/retrieval/encoder.ts';
import type { Encoder } from '../../src/types/encoder.ts';
import { exportedMiniLm, miniLmSource } from './minilm.ts';
import { peerPython } from './peer-python.ts';
import { printTable, recordFigures } from './record.ts';
import { sharedFile } from './shared-data.ts';
import { wiki84kFiles } from './wiki84k.ts';
import { workshopPath } from './workshop.ts';

const passageCount = Number(process.env['SSP_BENCH_PASSAGES'] ?? 512);
const rounds = Number(process.env['SSP_BENCH_ROUNDS'] ?? 3);
const threads = Number(process.env['SSP_BENCH_THREADS'] ?? availableParallelism());

interface Side {
  readonly name: string;
  readonly seconds: number[];
  readonly vectors: number[][];
  /** Encodes every passage once; seconds and, at first, the vectors. */
  run(): Promise<{ seconds: number; vectors?: number[][] | undefined }>;
  close(): Promise<void>;
}

const passages = await readPassages();
const model = await exportedMiniLm();
// The sides take turns, in an order that changes with each round, so that none has the quiet hour.
const sides = [await peer(), await ours('fp32'), await ours('q8')];
for (let round = 0; round < rounds; round += 1) {
  for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
    const { seconds, vectors } = await side.run();
    side.seconds.push(seconds);
    if (vectors !== undefined) side.vectors.push(...vectors);
  }
}
for (const side of sides) await side.close();

const [theirs] = sides;
const rows = sides.map((side) => ({
  encoder: side.name,
  'passages/s': passages.length / median(side.seconds),
  'beside sentence-transformers': median(theirs?.seconds ?? []) / median(side.seconds),
  'least cosine': leastCosine(side.vectors, theirs?.vectors ?? []),
  seconds: side.seconds.map((value) => value.toFixed(1)).join(' '),
}));
printTable(rows);
await recordFigures(
  import.meta.url,
  [
    { measure: 'fp32, times sentence-transformers', value: ratioOf('ssp fp32'), bar: 1.3 },
    { measure: 'fp32, least cosine to it', value: cosineOf('ssp fp32'), bar: 0.9999 },
    { measure: 'q8, times sentence-transformers', value: ratioOf('ssp q8') },
    { measure: 'q8, least cosine to it', value: cosineOf('ssp q8') },
  ],
  { passages: passages.length, threads, rounds, encoders: rows },
);

function ratioOf(name: string): number {
  return rows.find(({ encoder }) => encoder === name)?.['beside sentence-transformers'] ?? NaN;
}

function cosineOf(name: string): number {
  return rows.find(({ encoder }) => encoder === name)?.['least cosine'] ?? NaN;
}

async function readPassages(): Promise<{ title: string; text: string }[]> {
  const text = gunzipSync(await readFile(sharedFile(wiki84kFiles[0]))).toString('utf8');
  const lines = text.split('\n').filter((line) => line !== '');
  const step = Math.floor(lines.length / passageCount);
  const schema = z.object({ title: z.string(), text: z.string() });
  return Array.from({ length: passageCount }, (_, i) =>
    schema.parse(JSON.parse(lines[i * step] ?? '')),
  );
}

async function ours(dtype: 'fp32' | 'q8'): Promise<Side> {
  const config = encoderConfig.parse({ model, dtype, threads });
  const encoder: Encoder = await openEncoder(config, { progress: silentProgress });
  await encoder.encodePassages(passages.slice(0, 8));
  return {
    name: `ssp ${dtype}`,
    seconds: [],
    vectors: [],
    async run() {
      const started = performance.now();
      const { vectors_N_D, dimension } = await encoder.encodePassages(passages);
      const seconds = (performance.now() - started) / 1000;
      const rowAt = (i: number): number[] => [
        ...vectors_N_D.subarray(i * dimension, (i + 1) * dimension),
      ];
      return { seconds, vectors: passages.map((_, i) => rowAt(i)) };
    },
    close: () => encoder.close(),
  };
}

async function peer(): Promise<Side> {
  const texts = await workshopPath('encoding-texts.json');
  await writeFile(texts, JSON.stringify(passages.map(({ title, text }) => `${title}\n${text}`)));
  const program = fileURLToPath(new URL('peers/sentence_transformers_peer.py', import.meta.url));
  const args = [program, await miniLmSource(), texts, String(threads)];
  const child = spawn(await peerPython(), args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const replySchema = z.object({
    seconds: z.number(),
    vectors: z.array(z.array(z.number())).optional(),
  });
  await lines.next();
  return {
    name: 'sentence-transformers',
    seconds: [],
    vectors: [],
    async run() {
      child.stdin.write('go\n');
      const { value } = (await lines.next()) as { value: string };
      return replySchema.parse(JSON.parse(value));
    },
    async close() {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

function leastCosine(a: readonly number[][], b: readonly number[][]): number {
  const cosine = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((sum, value, d) => sum + value * (y[d] ?? 0), 0);
  return Math.min(...b.map((vector, i) => cosine(vector, a[i] ?? [])));
}
