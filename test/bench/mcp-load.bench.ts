// Does the service stay right and honest under 256 agents over MCP, and how fast is it?
import { agentsHere } from '../../src/app/search-service.ts';
import { configSchema } from '../../src/config/schema.ts';
import { silentProgress } from '../../src/progress/progress.ts';
import type { AgentReport } from '../material/search/mcp-load.ts';
import { runAgents } from '../material/search/mcp-load.ts';
import { serveIndex } from '../material/search/served-index.ts';
import { fictionalWorld } from './fictional-world.ts';
import { percentile } from './ranking-metrics.ts';
import type { Figure } from './record.ts';
import { printTable, recordFigures } from './record.ts';

const clients = 256;
const distinct = 1000;

const { folder, queries } = await fictionalWorld();
const { signal } = new AbortController();
const own = agentsHere(folder, configSchema.parse({}), { progress: silentProgress, signal });
await own.ready;
const figures: Figure[] = [];
await measure('256 clients', 20_000, []);
await measure('256 clients, queue of 32', 2000, ['--max-queued', '32', '--cache-bytes', '0']);
await own.close();
await recordFigures(import.meta.url, figures, { clients, distinct });

async function measure(name: string, calls: number, flags: readonly string[]): Promise<void> {
  const service = await serveIndex(folder, flags);
  const report = await runAgents({
    ...{ url: service.url, clients, calls, seed: 21, backend: own.backend },
    ...{ queries: queries.slice(0, distinct), modes: ['bm25', 'dense', 'hybrid'] },
  });
  const code = await service.stop();
  if (code !== 0) throw new Error(`the service ended with ${code ?? 'a signal'}`);
  for (const failure of report.failures.slice(0, 5)) process.stdout.write(`${failure}\n`);
  const found = figuresOf(name, calls, report);
  printTable(found.map(({ measure: what, value }) => ({ what, value })));
  figures.push(...found);
}

function figuresOf(name: string, calls: number, report: AgentReport): Figure[] {
  const all = Object.values(report.latenciesMs).flat();
  const { answered, failures, refused, seconds } = report;
  return [
    { measure: `${name}: calls answered rightly`, value: answered, bar: calls },
    {
      measure: `${name}: wrong answers, errors, hangs`,
      value: failures.length,
      bar: 0,
      atMost: true,
    },
    { measure: `${name}: honest refusals, repeated`, value: refused },
    { measure: `${name}: calls/s`, value: answered / seconds },
    { measure: `${name}: p50 ms`, value: percentile(all, 0.5) },
    { measure: `${name}: p99 ms`, value: percentile(all, 0.99) },
  ];
}
