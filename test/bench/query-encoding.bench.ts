// How long does a dense search of one query take at 256 clients, whose queries are encoded in the service?
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { startService } from '../material/cli/running-service.ts';
import { fictionalCorpus } from './fictional-world.ts';
import { exportedMiniLm, miniLmSource } from './minilm.ts';
import { peerPython } from './peer-python.ts';
import { printTable, recordFigures } from './record.ts';
import type { Way } from './service-ways.ts';
import { rateOf } from './service-ways.ts';
import { builtIndex, runProgram, ssp, workshopPath } from './workshop.ts';

const ways: readonly Way[] = [
  { name: '1 client', clients: 1, requests: 200, queries: 1 },
  { name: '256 clients', clients: 256, requests: 3000, queries: 1 },
];

const { corpus, queries } = await fictionalCorpus();
const encoders = {
  'all-MiniLM-L6-v2': await exportedMiniLm(),
  "e5-small's shape": await exportedE5Shape(),
};
const rows: Record<string, string | number>[] = [];
for (const [encoder, model] of Object.entries(encoders)) {
  const settings = ['--modes', 'dense', '--encoder-model', model];
  const index = await builtIndex(`queries-${rows.length}`, corpus, ...settings);
  const service = await startService(['serve', '--index', index, '--cache-bytes', '0']);
  for (const way of ways) {
    const { queriesPerSecond, p50Ms, p99Ms } = await rateOf(service.url, way, queries);
    rows.push({ encoder, clients: way.clients, queriesPerSecond, p50Ms, p99Ms });
  }
  await service.stop();
}
printTable(rows);
await recordFigures(
  import.meta.url,
  rows.flatMap(({ encoder, clients, queriesPerSecond = 0, p50Ms = 0, p99Ms = 0 }) => [
    { measure: `${encoder}, clients: ${clients}: queries/s`, value: queriesPerSecond },
    { measure: `${encoder}, clients: ${clients}: p50 ms`, value: p50Ms },
    { measure: `${encoder}, clients: ${clients}: p99 ms`, value: p99Ms },
  ]),
  { rows, ways },
);

/** An ONNX folder of e5-small's size: its vectors mean nothing and cost as much. */
async function exportedE5Shape(): Promise<string> {
  const [source, out] = [await workshopPath('e5-shape-torch'), await workshopPath('e5-shape')];
  if (existsSync(out)) return out;
  await rm(source, { recursive: true, force: true });
  const script = fileURLToPath(new URL('peers/random_encoder.py', import.meta.url));
  await runProgram(await peerPython(), [script, await miniLmSource(), source]);
  await ssp('encoder', 'export', source, '--out', out);
  return out;
}
