// Does the service stay right and honest under 256 clients, and how fast is it?
import { openSearchIndex } from '../../src/app/search-service.ts';
import { configSchema } from '../../src/config/schema.ts';
import { serviceConfig } from '../../src/config/service.ts';
import { silentProgress } from '../../src/progress/progress.ts';
import type { LoadReport } from '../material/search/load.ts';
import { runLoad } from '../material/search/load.ts';
import { serveIndex } from '../material/search/served-index.ts';
import type { Served } from './fictional-world.ts';
import { fictionalWorld } from './fictional-world.ts';
import { percentile } from './ranking-metrics.ts';
import type { Figure } from './record.ts';
import { printTable, recordFigures } from './record.ts';
import { missingShared, sharedFile } from './shared-data.ts';
import { readDevelopmentQuestions, wiki84kFiles } from './wiki84k.ts';
import { builtIndex, importedCorpus } from './workshop.ts';

const clients = 256;
const topKs = [3, 10];
const distinct = 1000;

/** BM25 over real passages with real questions. */
async function wiki84k(): Promise<Served> {
  const corpus = await importedCorpus('wiki84k', sharedFile(wiki84kFiles[0]));
  return {
    folder: await builtIndex('wiki84k-bm25', corpus, '--modes', 'bm25'),
    queries: (await readDevelopmentQuestions()).map(({ question }) => question),
  };
}

interface Run {
  readonly name: string;
  readonly served: () => Promise<Served>;
  readonly requests: number;
  readonly flags: readonly string[];
}

const mixed: readonly Run[] = [
  { name: 'mixed modes', served: fictionalWorld, requests: 20_000, flags: [] },
  {
    name: 'mixed, queue of 32',
    served: fictionalWorld,
    requests: 2000,
    flags: ['--max-queued', '32'],
  },
];
const keywords: readonly Run[] = [
  { name: 'wiki84k bm25', served: wiki84k, requests: 20_000, flags: [] },
  {
    ...{ name: 'wiki84k bm25, no cache', served: wiki84k, requests: 3000 },
    flags: ['--cache-bytes', '0'],
  },
];

const missing = missingShared(...wiki84kFiles);
if (missing !== false) process.stdout.write(`without wiki84k: ${missing}\n`);
const reports: Record<string, LoadReport> = {};
for (const run of missing === false ? [...mixed, ...keywords] : mixed) {
  reports[run.name] = await measure(run);
}
await record(reports);

async function measure({ served, requests, flags }: Run): Promise<LoadReport> {
  const { folder, queries } = await served();
  const signal = new AbortController().signal;
  const index = await openSearchIndex(folder, configSchema.parse({}), {
    progress: silentProgress,
    signal,
  });
  const service = await serveIndex(folder, flags);
  const asked = queries.slice(0, distinct);
  const plan = { url: service.url, clients, requests, queries: asked, topKs, seed: 20 };
  const report = await runLoad(plan, index);
  const code = await service.stop();
  await index.close();
  if (code !== 0) throw new Error(`the service ended with ${code ?? 'a signal'}`);
  return report;
}

async function record(reports: Readonly<Record<string, LoadReport>>): Promise<void> {
  printTable(
    Object.entries(reports).flatMap(([run, report]) =>
      Object.entries({ all: Object.values(report.latenciesMs).flat(), ...report.latenciesMs }).map(
        ([kind, latencies]) => ({
          run,
          kind,
          requests: latencies.length,
          'p50 ms': percentile(latencies, 0.5),
          'p99 ms': percentile(latencies, 0.99),
        }),
      ),
    ),
  );
  for (const failure of Object.values(reports).flatMap(({ failures }) => failures.slice(0, 5))) {
    process.stdout.write(`${failure}\n`);
  }
  const figures = Object.entries(reports).flatMap(([run, report]): Figure[] => {
    const all = Object.values(report.latenciesMs).flat();
    return [
      { measure: `${run}: requests answered rightly`, value: report.answered, bar: all.length },
      {
        measure: `${run}: errors, wrong documents, hangs`,
        value: report.failures.length,
        bar: 0,
        atMost: true,
      },
      { measure: `${run}: honest 429s, repeated`, value: report.rejected },
      { measure: `${run}: requests/s`, value: report.answered / report.seconds },
      { measure: `${run}: p50 ms`, value: percentile(all, 0.5) },
      { measure: `${run}: p99 ms`, value: percentile(all, 0.99) },
    ];
  });
  await recordFigures(import.meta.url, figures, {
    ...{ clients, topKs, distinct, defaults: serviceConfig.parse({}) },
  });
}
