// Ranks analyzed queries by the BM25 engine in one thread, in a process of its own, so that it can be
// bound to one core: reads the request's path from the command line and prints one JSON document.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { createEngine } from '../../src/bm25/engine.ts';
import { engineFolder } from '../../src/bm25/format.ts';
import { scratchBytes } from '../../src/bm25/kernel/kernel.ts';
import { loadEngine } from '../../src/bm25/load.ts';
import { dataFolder, readHead } from '../../src/retrieval/index-head.ts';

const requestSchema = z.object({
  index: z.string(),
  queries: z.array(z.array(z.string())),
  /** The first of them are not timed. */
  warmUp: z.int(),
  topK: z.int(),
});

const text = await readFile(process.argv[2] ?? '', 'utf8');
const { index, queries, warmUp, topK } = requestSchema.parse(JSON.parse(text));
const { generation } = await readHead(index);
const folder = join(dataFolder(index, generation), engineFolder);
const startedMs = performance.now();
const loaded = loadEngine(folder, { threads: 1, scratchBytes: scratchBytes() });
const loadSeconds = (performance.now() - startedMs) / 1000;
const engine = createEngine(loaded, 0);
for (const query of queries.slice(0, warmUp)) engine.search(query, topK);
const before = process.threadCpuUsage();
for (const query of queries.slice(warmUp)) engine.search(query, topK);
const { user, system } = process.threadCpuUsage(before);
const { rows, shardPostings } = loaded.description;
const memoryBytes = loaded.shards.reduce((sum, { memory }) => sum + memory.buffer.byteLength, 0);
process.stdout.write(
  JSON.stringify({
    threadSeconds: (user + system) / 1e6,
    loadSeconds,
    rows,
    postings: shardPostings.reduce((sum, count) => sum + count, 0),
    memoryBytes,
  }),
);
