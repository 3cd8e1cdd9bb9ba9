import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import { peerPython } from '../peer-python.ts';
import type { QueryRate } from '../query-rate.ts';
import { queryRate } from '../query-rate.ts';
import { runProgram, workshopPath } from '../workshop.ts';

const replySchema = z.object({
  version: z.string(),
  backend: z.string(),
  indexSeconds: z.number(),
  peakBytes: z.number(),
  runs: z.array(z.array(z.string())),
  latenciesMs: z.array(z.number()),
  cpuSeconds: z.number(),
});
export type Bm25sReply = z.output<typeof replySchema>;

/** What bm25s is asked for; `timed` queries are run one by one after the batch. */
export interface Bm25sRequest {
  readonly corpus: string;
  readonly queries: readonly string[];
  readonly topK: number;
  readonly k1: number;
  readonly b: number;
  readonly titleWeight: number;
  readonly timed: number;
  /**
   * Texts and queries are words with spaces between them, to be stemmed by Snowball's stemmer of this
   * language; absent for English texts.
   */
  readonly words?: { readonly stemmer: string | undefined };
}

/** Indexes a corpus folder with bm25s and searches it, on one core. */
export async function runBm25s(request: Bm25sRequest): Promise<Bm25sReply> {
  const { corpus, ...rest } = request;
  const passages = await passageShards(corpus);
  const file = await workshopPath(`bm25s-request-${process.pid}.json`);
  await writeFile(file, JSON.stringify({ ...rest, passages }));
  try {
    const script = fileURLToPath(new URL('bm25s_peer.py', import.meta.url));
    const output = await runProgram(await peerPython(), [script, file], {
      OMP_NUM_THREADS: '1',
      NUMBA_NUM_THREADS: '1',
    });
    return replySchema.parse(JSON.parse(output));
  } finally {
    await rm(file);
  }
}

/** The passage files of a corpus folder, in order. */
export async function passageShards(corpus: string): Promise<string[]> {
  const names = (await readdir(corpus)).filter((name) => name.startsWith('passages-'));
  return names.sort().map((name) => join(corpus, name));
}

/** The rate of the queries that were timed one by one. */
export function bm25sRate({ latenciesMs, cpuSeconds }: Bm25sReply): QueryRate {
  const seconds = latenciesMs.reduce((sum, ms) => sum + ms, 0) / 1000;
  return queryRate({ latenciesMs, inFlight: 1, seconds, cpuSeconds });
}
