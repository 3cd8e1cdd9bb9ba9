// How fast is BM25 over a million passages, to build and to search, beside Lucene and bm25s?
import { rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { indexConfig } from '../../src/config/index-build.ts';
import type { LuceneProgram } from './lucene/lucene.ts';
import { indexByLucene, prepareLucene, searchByLucene } from './lucene/lucene.ts';
import { millionPassages } from './million-passages.ts';
import { bm25sRate, passageShards, runBm25s } from './peers/bm25s.ts';
import type { QueryRate } from './query-rate.ts';
import { printTable, recordFigures } from './record.ts';
import { readDevelopmentQuestions } from './wiki84k.ts';
import { measuredSsp, oneCore, runProgram, workshopPath } from './workshop.ts';

const topK = 10;
const { titleWeight, bm25K1: k1, bm25B: b } = indexConfig.parse({});
const parameters = { k1, b, analyzed: false };
const warmUp = 500;
const timed = 1000;

/** What one engine took to build and to search. */
interface EngineFigures {
  readonly engine: string;
  readonly buildSeconds: number;
  readonly peakGiB: number;
  readonly serial: QueryRate;
  readonly twoInFlight?: QueryRate;
  readonly runs: readonly (readonly string[])[];
}

const questions = await readDevelopmentQuestions();
const step = Math.floor(questions.length / (warmUp + timed));
const queries = questions.filter((_question, i) => i % step === 0).map(({ question }) => question);
const chosen = queries.slice(0, warmUp + timed);
const corpus = await millionPassages();

const ours = await measureOurs();
const prepared = await prepareLucene();
const lucene = 'reason' in prepared ? undefined : await measureLucene(prepared);
if ('reason' in prepared) process.stdout.write(`Lucene is left out: ${prepared.reason}\n`);
const bm25s = await measureBm25s();

const engines = [ours, lucene, bm25s].filter((engine) => engine !== undefined);
printTable(engines.map(engineRow));
const ratio = (rate: (engine: EngineFigures) => number | undefined): number | string => {
  const [own, other] = [rate(ours), lucene && rate(lucene)];
  return own === undefined || other === undefined ? 'not measured' : own / other;
};
await recordFigures(
  import.meta.url,
  [
    { measure: 'build, peak memory, GiB', value: ours.peakGiB, bar: 4, atMost: true },
    { measure: 'build, seconds', value: ours.buildSeconds },
    { measure: 'queries/s, one at a time, one core', value: ours.serial.queriesPerSecond },
    { measure: 'p50, ms', value: ours.serial.p50Ms },
    { measure: 'p99, ms', value: ours.serial.p99Ms },
    { measure: 'queries/s, two in flight', value: ours.twoInFlight?.queriesPerSecond ?? '' },
    { measure: 'queries/s, two in flight, over one at a time', value: overOne(ours), bar: 1.7 },
    {
      measure: 'queries/s per core over Lucene',
      value: ratio(({ serial }) => serial.queriesPerSecond),
    },
    {
      measure: 'queries per processor second over Lucene',
      value: ratio(({ serial }) => serial.queriesPerCpuSecond),
    },
    {
      measure: 'queries/s, two in flight, over Lucene',
      value: ratio(({ twoInFlight }) => twoInFlight?.queriesPerSecond),
    },
    { measure: 'top 10 shared with Lucene', value: lucene ? shared(ours, lucene) : 'not measured' },
  ],
  { engines: engines.map((figures) => ({ ...figures, runs: undefined })), warmUp, timed },
);

async function measureOurs(): Promise<EngineFigures> {
  const out = await workshopPath('million-index');
  await rm(out, { recursive: true, force: true });
  const args = ['index', 'build', '--corpus', corpus, '--out', out, '--modes', 'bm25'];
  const { seconds, peakBytes } = await measuredSsp(...args, '--title-weight', String(titleWeight));
  const search = async (inFlight: number, prefix: readonly string[]) => {
    const file = await workshopPath(`query-request-${process.pid}.json`);
    await writeFile(file, JSON.stringify({ index: out, queries: chosen, warmUp, topK, inFlight }));
    const script = fileURLToPath(new URL('query-program.ts', import.meta.url));
    const output = await runProgram(process.execPath, [script, file], {}, prefix);
    await rm(file);
    return JSON.parse(output) as { runs: string[][]; rate: QueryRate };
  };
  const { runs, rate } = await search(1, oneCore);
  const { rate: twoInFlight } = await search(2, []);
  return {
    engine: 'ssp',
    buildSeconds: seconds,
    peakGiB: peakBytes / 2 ** 30,
    serial: rate,
    twoInFlight,
    runs,
  };
}

async function measureLucene(program: LuceneProgram): Promise<EngineFigures> {
  const index = await workshopPath('million-lucene');
  const passages = await passageShards(corpus);
  const built = await indexByLucene(program, { index, passages, titleWeight, ...parameters });
  const request = { index, queries: chosen, warmUp, topK, ...parameters };
  const { runs, rate } = await searchByLucene(program, { ...request, inFlight: 1 }, oneCore);
  const { rate: twoInFlight } = await searchByLucene(program, { ...request, inFlight: 2 });
  return {
    engine: `Lucene ${built.version}`,
    buildSeconds: built.indexSeconds + built.mergeSeconds,
    peakGiB: built.peakBytes / 2 ** 30,
    serial: rate,
    twoInFlight,
    runs,
  };
}

async function measureBm25s(): Promise<EngineFigures> {
  const sameParameters = { k1, b, titleWeight };
  const sample = chosen.slice(warmUp, warmUp + 200);
  const request = { corpus, queries: sample, topK, timed: sample.length, ...sameParameters };
  const reply = await runBm25s(request);
  return {
    engine: `bm25s ${reply.version} (${reply.backend})`,
    buildSeconds: reply.indexSeconds,
    peakGiB: reply.peakBytes / 2 ** 30,
    serial: bm25sRate(reply),
    runs: reply.runs,
  };
}

/** On a machine of two cores or more. */
function overOne({ serial, twoInFlight }: EngineFigures): number | string {
  if (twoInFlight === undefined) return 'not measured';
  return twoInFlight.queriesPerSecond / serial.queriesPerSecond;
}

/** Mean share of the first ten hits that both engines give. */
function shared(a: EngineFigures, b: EngineFigures): number {
  const shares = a.runs.map((run, i) => {
    const other = new Set(b.runs[i]);
    return run.filter((id) => other.has(id)).length / Math.max(run.length, other.size, 1);
  });
  return shares.reduce((sum, share) => sum + share, 0) / Math.max(shares.length, 1);
}

function engineRow(figures: EngineFigures): Record<string, string | number> {
  const { engine, buildSeconds, peakGiB, serial, twoInFlight } = figures;
  return {
    engine,
    'build s': buildSeconds,
    'peak GiB': peakGiB,
    'queries/s': serial.queriesPerSecond,
    'p50 ms': serial.p50Ms,
    'p99 ms': serial.p99Ms,
    'per cpu s': serial.queriesPerCpuSecond,
    '2 in flight': twoInFlight?.queriesPerSecond ?? '-',
    'its p50 ms': twoInFlight?.p50Ms ?? '-',
    'its p99 ms': twoInFlight?.p99Ms ?? '-',
  };
}
