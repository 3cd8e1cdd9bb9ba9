// Does BM25 over as many passages as the English Wikipedia has fit on one machine, and how quick is it? With
// SSP_BENCH_PASSAGES=<count> over fewer.
import { createWriteStream, existsSync } from 'node:fs';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGzip } from 'node:zlib';

import { indexNeeds } from '../../indexer/sizing.ts';
import { readHead } from '../../src/retrieval/index-head.ts';
import { startService } from '../material/cli/running-service.ts';
import { alteredCopies, growthOf, readWords } from './altered-copies.ts';
import type { QueryRate } from './query-rate.ts';
import { printTable, recordFigures } from './record.ts';
import type { Way } from './service-ways.ts';
import { rateOf } from './service-ways.ts';
import { missingShared } from './shared-data.ts';
import { readDevelopmentQuestions, wiki84kFiles } from './wiki84k.ts';
import type { Measured } from './workshop.ts';
import { measuredSsp, oneCore, runProgram, workshopPath } from './workshop.ts';

/** wiki-18, the English Wikipedia of DPR and Search-R1. */
const passages = Number(process.env['SSP_BENCH_PASSAGES'] ?? 21_015_324);
const GiB = 2 ** 30;
const notRecorded = 'not recorded';
const warmUp = 500;
const timed = 10_000;
const ways: readonly Way[] = [
  { name: '1 client', clients: 1, requests: 500, queries: 1 },
  { name: '16 clients', clients: 16, requests: 2000, queries: 1 },
  { name: '256 clients', clients: 256, requests: 4000, queries: 1 },
  { name: 'batches of 512, 2 clients', clients: 2, requests: 8, queries: 512 },
];

interface Kept {
  readonly passages: number;
  readonly measured: Measured;
}

const missing = missingShared(...wiki84kFiles);
if (missing !== false) throw new Error(missing);
/** They lie set after set, of which some have longer questions: taken in steps, any first ones are of all. */
const questions = inSteps((await readDevelopmentQuestions()).map(({ question }) => question));
const [corpus, index] = [await workshopPath('many-corpus'), await workshopPath('many-bm25-index')];
const source = await readWords();

const importing = await madeOnce(corpus, importPassages);
const build = ['index', 'build', '--corpus', corpus, '--out', index, '--modes', 'bm25', '--force'];
const building = await madeOnce(index, () => measuredSsp(...build));
const diskBytes = await folderBytes(index);
const single = await searchedOnOneCore();
const served = await serve();
const needs = indexNeeds(passages, 2);

printTable([
  { passages, importSeconds: importing.seconds, buildSeconds: building.seconds, ...single },
]);
await recordFigures(
  import.meta.url,
  [
    { measure: 'passages', value: passages },
    { measure: 'import, passages/s', value: passages / importing.seconds },
    { measure: 'import, peak memory, GiB', value: peakGiB(importing) },
    { measure: 'build, passages/s', value: passages / building.seconds, bar: 10_000 },
    { measure: 'build, peak memory, GiB', value: peakGiB(building), bar: 3, atMost: true },
    { measure: 'index, GiB on disk', value: diskBytes / GiB },
    { measure: 'service, seconds until it is ready', value: served.seconds, bar: 60, atMost: true },
    { measure: 'service, peak memory, GiB', value: served.peakBytes / GiB, bar: 6, atMost: true },
    { measure: 'queries/s, one at a time, one core', value: single.queriesPerSecond, bar: 150 },
    { measure: 'queries per processor second', value: single.queriesPerCpuSecond },
    { measure: 'p50, ms', value: single.p50Ms },
    { measure: 'p99, ms', value: single.p99Ms },
    ...served.rates.flatMap(({ name, rate }) => [
      { measure: `service, ${name}: queries/s`, value: rate.queriesPerSecond },
      { measure: `service, ${name}: p99 of a request, ms`, value: rate.p99Ms },
    ]),
    { measure: 'disk, forecast over measured', value: needs.diskBytes / diskBytes },
    {
      measure: 'build memory, forecast over measured',
      value: building.peakBytes > 0 ? needs.buildMemoryBytes / building.peakBytes : notRecorded,
    },
    { measure: 'build time, forecast over measured', value: needs.buildSeconds / building.seconds },
    {
      measure: 'memory to serve, forecast over measured',
      value: needs.serveMemoryBytes / served.peakBytes,
    },
  ],
  {
    growth: growthOf(source),
    importing,
    building,
    served,
    generation: (await readHead(index)).generation,
  },
);

/** What was made stays: a run that was stopped behind it goes on with what its making took. */
async function madeOnce(folder: string, make: () => Promise<Measured>): Promise<Measured> {
  const kept = `${folder}.measured.json`;
  const isMade = existsSync(kept) && existsSync(join(folder, 'manifest.json'));
  const known = isMade ? (JSON.parse(await readFile(kept, 'utf8')) as Kept) : undefined;
  if (known?.passages === passages) return known.measured;
  await rm(kept, { force: true });
  const measured = await make();
  await writeFile(kept, JSON.stringify({ passages, measured } satisfies Kept));
  return measured;
}

async function importPassages(): Promise<Measured> {
  const made = await writePassages();
  const measured = await measuredSsp('corpus', 'import', made, '--out', corpus, '--force');
  await rm(made);
  return measured;
}

function inSteps(all: readonly string[]): string[] {
  const step = 101; // shares no divisor with how many there are
  return all.map((_question, i) => all[(i * step) % all.length] ?? '');
}

/** Stages that an earlier run made may have been timed by their own lines alone. */
function peakGiB({ peakBytes }: Measured): number | string {
  return peakBytes > 0 ? peakBytes / GiB : notRecorded;
}

async function writePassages(): Promise<string> {
  const file = await workshopPath('many.jsonl.gz');
  if (existsSync(join(corpus, 'manifest.json'))) await rm(corpus, { recursive: true });
  const lines = function* (): Generator<string> {
    for (const passage of alteredCopies(source, passages)) yield `${JSON.stringify(passage)}\n`;
  };
  await pipeline(Readable.from(lines()), createGzip({ level: 1 }), createWriteStream(file));
  return file;
}

async function folderBytes(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const files = await Promise.all(names.map((name) => stat(join(folder, name))));
  return files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
}

/** Whole searches in one process and on one core: analysis, ranking and the texts of ten hits. */
async function searchedOnOneCore(): Promise<QueryRate> {
  const file = await workshopPath(`query-request-${process.pid}.json`);
  const queries = Array.from({ length: warmUp + timed }, (_, i) => questions[i % questions.length]);
  await writeFile(file, JSON.stringify({ index, queries, warmUp, topK: 10, inFlight: 1 }));
  const script = fileURLToPath(new URL('query-program.ts', import.meta.url));
  const output = await runProgram(process.execPath, [script, file], {}, oneCore);
  await rm(file);
  return (JSON.parse(output) as { rate: QueryRate }).rate;
}

/** Seconds until the service is ready, its rates without a cache, and the most memory that it took. */
async function serve() {
  const started = performance.now();
  const service = await startService(['serve', '--index', index, '--cache-bytes', '0']);
  const seconds = (performance.now() - started) / 1000;
  const rates: { readonly name: string; readonly rate: QueryRate }[] = [];
  for (const way of ways) {
    rates.push({ name: way.name, rate: await rateOf(service.url, way, questions) });
  }
  const status = await readFile(`/proc/${service.process.pid ?? 0}/status`, 'utf8');
  const peakBytes = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  await service.stop();
  return { seconds, rates, peakBytes };
}
