// How many BM25 searches a second does the service answer without its cache, by clients and in batches, and
// how many bm25s, called from Python? With
// SSP_BENCH_AGAINST=<another checkout, with its packages> the service of that one too, in turns.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { indexConfig } from '../../src/config/index-build.ts';
import type { RunningService } from '../material/cli/running-service.ts';
import { startService } from '../material/cli/running-service.ts';
import { bm25sRate, runBm25s } from './peers/bm25s.ts';
import { percentile } from './ranking-metrics.ts';
import type { Figure } from './record.ts';
import { printTable, recordFigures } from './record.ts';
import type { Way } from './service-ways.ts';
import { rateOf } from './service-ways.ts';
import { missingShared, sharedFile } from './shared-data.ts';
import { readDevelopmentQuestions, wiki84kFiles } from './wiki84k.ts';
import { runProgram, workshopPath } from './workshop.ts';

/** A way with the times of the service before the project's own BM25 engine (bab11d4) that it must reach. */
interface BarredWay extends Way {
  readonly bar?: number;
}
const batches = 'batches of 512, 2 clients';
const ways: readonly BarredWay[] = [
  { name: '1 client', clients: 1, requests: 300, queries: 1 },
  { name: '16 clients', clients: 16, requests: 2000, queries: 1 },
  { name: '256 clients', clients: 256, requests: 3000, queries: 1, bar: 4 },
  { name: batches, clients: 2, requests: 8, queries: 512, bar: 15 },
];
/** What a service of batches must reach beside bm25s in one thread of its own process. */
const bm25sBar = 8;
const rounds = Number(process.env['SSP_BENCH_ROUNDS'] ?? 3);

const missing = missingShared(...wiki84kFiles);
if (missing !== false) throw new Error(missing);
const questions = (await readDevelopmentQuestions()).map(({ question }) => question);
const here = fileURLToPath(new URL('../..', import.meta.url));
const { SSP_BENCH_AGAINST: other } = process.env;
const services = new Map<string, RunningService>([['here', await served('here', here)]]);
if (other !== undefined) services.set('there', await served('there', resolve(other)));

const rates: Record<string, Record<string, number[]>> = {};
for (let round = 0; round < rounds; round += 1) {
  for (const way of ways) {
    for (const [name, service] of services) {
      const { queriesPerSecond, p50Ms, p99Ms } = await rateOf(service.url, way, questions);
      ((rates[way.name] ??= {})[name] ??= []).push(queriesPerSecond);
      printTable([{ way: way.name, service: name, round, queriesPerSecond, p50Ms, p99Ms }]);
    }
  }
}
for (const service of services.values()) await service.stop();
const bm25s = await bm25sQueriesPerSecond();
const against = other && (await runProgram('git', ['-C', other, 'rev-parse', '--short', 'HEAD']));
await recordFigures(import.meta.url, [...figures(), ...beside(bm25s)], {
  ways,
  rounds,
  rates,
  bm25s,
  against: against?.trim(),
});

/** The service of a checkout over an index that its own commands build. */
async function served(name: string, checkout: string): Promise<RunningService> {
  const command = resolve(checkout, 'src/cli/ssp.mjs');
  const [corpus, index] = [
    await workshopPath(`rates-${name}-corpus`),
    await workshopPath(`rates-${name}-index`),
  ];
  const run = (...args: string[]): Promise<string> =>
    runProgram(process.execPath, [command, ...args, '--force']);
  await run('corpus', 'import', sharedFile(wiki84kFiles[0]), '--out', corpus);
  await run('index', 'build', '--corpus', corpus, '--modes', 'bm25', '--out', index);
  return startService(['serve', '--index', index, '--cache-bytes', '0'], {}, command);
}

/** One query after the other, three passages each; its index is built before. */
async function bm25sQueriesPerSecond(): Promise<number> {
  const { titleWeight, bm25K1: k1, bm25B: b } = indexConfig.parse({});
  const corpus = await workshopPath('rates-here-corpus');
  const queries = questions.slice(0, 2000);
  const asked = { corpus, queries, topK: 3, k1, b, titleWeight, timed: queries.length };
  return bm25sRate(await runBm25s(asked)).queriesPerSecond;
}

function beside(bm25s: number): Figure[] {
  const value = percentile(rates[batches]?.['here'] ?? [], 0.5) / bm25s;
  return [
    { measure: 'bm25s, one thread: queries/s', value: bm25s },
    { measure: `${batches}: times bm25s, one thread`, value, bar: bm25sBar },
  ];
}

/** Queries a second, and how many times those of the other checkout. */
function figures(): Figure[] {
  return ways.flatMap(({ name, bar }): Figure[] => {
    const { here: mine = [], there: theirs } = rates[name] ?? {};
    const value = percentile(mine, 0.5);
    const measured = { measure: `${name}: queries/s`, value };
    if (theirs === undefined) return [measured];
    const times = value / percentile(theirs, 0.5);
    const ratio = { measure: `${name}: times the other checkout`, value: times };
    return [measured, bar === undefined ? ratio : { ...ratio, bar }];
  });
}
