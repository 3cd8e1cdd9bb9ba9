import {
  appendFileSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import type { Test } from 'tap';
import { test } from 'tap';

import { createMetrics } from '../../../services/search/metrics.ts';
import { QueryWatch } from '../../../services/search/query-watch.ts';
import { RunQuotas } from '../../../services/search/run-quotas.ts';
import { summarizeQueryLog } from '../../../src/app/query-log-summary.ts';
import { serviceConfig } from '../../../src/config/service.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { standInIndex } from '../../material/search/stand-in-index.ts';
import { testFolder } from '../../material/test-folder.ts';
import { RunningApp } from './running-app.ts';

const context = { progress: silentProgress, signal: new AbortController().signal };

interface Watched {
  readonly service: RunningApp;
  readonly watch: QueryWatch;
  readonly metrics: ReturnType<typeof createMetrics>;
  readonly notes: string[];
}

async function watched(settings: object): Promise<Watched> {
  const metrics = createMetrics();
  const notes: string[] = [];
  const note = (text: string): void => void notes.push(text);
  const watch = await QueryWatch.open(serviceConfig.parse(settings), metrics, { note });
  return {
    service: new RunningApp(standInIndex(), settings, undefined, { watch }),
    watch,
    metrics,
    notes,
  };
}

const linesOf = (file: string): Record<string, unknown>[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** A call of a tool over HTTP, as an agent sends it. */
const callTool = (service: RunningApp, name: string, args: object, headers = {}) =>
  service.post(
    '/mcp',
    { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } },
    { accept: 'application/json, text/event-stream', ...headers },
  );

test('every query stands in the log with who asked it and what it found', async (t) => {
  const folder = testFolder(t);
  const { service, watch } = await watched({ queryLog: `${folder}/logs/` });
  const run = { 'x-ssp-run': 'first/2', 'x-ssp-step': '7', 'x-ssp-agent': 'solver' };
  const reply = await service.post('/retrieve', { queries: ['glass', 'xyzzy', 'glass'] }, run);
  t.match(reply.headers, run, 'echoed');
  const hostile = { 'x-ssp-run': 'a b', 'x-ssp-step': '-1', 'x-ssp-agent': 'x'.repeat(129) };
  const second = await service.post('/v1/search', { query: 'glass', topK: 3 }, hostile);
  t.equal(second.status, 200);
  for (const header of Object.keys(hostile)) t.notOk(header in second.headers, header);
  await service.post('/search', { query: 'y'.repeat(9000) });
  await service.post('/v1/search', { query: 'glass', mode: 'dense' });
  t.match((await callTool(service, 'search', { query: 'Sarn', topK: 2 }, run)).headers, run);
  await callTool(service, 'search', { query: 'glass' }, hostile);
  await watch.close();
  const asker = { run: 'first/2', step: '7', agent: 'solver' };
  const log = linesOf(join(folder, 'logs', 'queries.jsonl'));
  t.match(log, [
    {
      ...asker,
      route: '/retrieve',
      query: 'glass',
      hits: 1,
      top: '1-1',
      cached: false,
      mode: 'bm25',
      topK: 3,
    },
    { ...asker, query: 'xyzzy', hits: 0, cached: false },
    { ...asker, query: 'glass' },
    { route: '/v1/search', query: 'glass', cached: true },
    { route: '/search', query: 'y'.repeat(2000), hits: 0 },
    { ...asker, route: '/mcp', query: 'Sarn', topK: 2, hits: 2, top: '1-0' },
    { route: '/mcp', query: 'glass', cached: true },
  ]);
  t.notOk('run' in (log[3] ?? {}) || 'run' in (log[6] ?? {}) || 'top' in (log[1] ?? {}));
  const summary = await summarizeQueryLog({ path: join(folder, 'logs'), top: 2 }, context);
  t.match(summary, {
    ...{ queries: 7, distinct: 4, empty: 2, repeated: 1, cached: 2, unreadLines: 0 },
    mostAsked: [{ query: 'glass', count: 4 }],
    foundNothing: [{ query: 'xyzzy', count: 1 }],
    mostRepeated: [{ query: 'glass', count: 1 }],
    runs: [
      { run: 'first/2', queries: 4, empty: 1, repeated: 1 },
      { run: '', queries: 3 },
    ],
  });
  const own = await summarizeQueryLog({ path: `${folder}/logs`, run: 'first/2', top: 9 }, context);
  t.equal(own.queries, 4);
});

test('a log is bounded, goes on after a kill, and has one writer', async (t) => {
  const file = join(testFolder(t), 'log.jsonl');
  writeFileSync(file, '{"time":"2026');
  const settings = { queryLog: file, queryLogBytes: 4096, queryLogFiles: 3 };
  const { service, watch } = await watched(settings);
  await t.rejects(watched(settings), { code: 'SSP_QUERY_LOG_IN_USE' });
  for (let i = 0; i < 60; i += 1)
    await service.post('/retrieve', { queries: [`a ${i}`, 'b', 'c'] });
  await watch.close();
  const names = readdirSync(join(file, '..')).sort();
  t.strictSame(names, ['log.jsonl', 'log.jsonl.1', 'log.jsonl.2']);
  for (const name of names) t.ok(readFileSync(join(file, '..', name)).length <= 4096, name);
  appendFileSync(file, 'no line of a log\n{"time"');
  const { queries, unreadLines, files } = await summarizeQueryLog({ path: file, top: 3 }, context);
  t.ok(queries > 20 && queries < 180, `${queries}: the oldest went`);
  t.equal(unreadLines, 1, 'the torn line of the beginning went with its file');
  t.strictSame(files, [`${file}.2`, `${file}.1`, file], 'oldest first');
  const again = await watched(settings);
  await again.watch.close();
});

test('an empty log, and none', async (t) => {
  const file = join(testFolder(t), 'log.jsonl');
  const { watch } = await watched({ queryLog: file });
  await watch.close();
  const summary = await summarizeQueryLog({ path: file, top: 3 }, context);
  t.match(summary, { queries: 0, runs: [], mostAsked: [], from: null, medianMs: 0 });
  const nowhere = summarizeQueryLog({ path: `${file}x`, top: 3 }, context);
  await t.rejects(nowhere, { code: 'SSP_FILE_NOT_FOUND' });
});

const noFullDevice = process.platform !== 'linux' && 'no /dev/full';
test('a full disk is said once and stops no search', { skip: noFullDevice }, async (t: Test) => {
  const file = join(testFolder(t), 'log.jsonl');
  symlinkSync('/dev/full', file);
  const { service, watch, notes, metrics } = await watched({ queryLog: file });
  t.equal((await service.post('/search', { query: 'glass' })).status, 200);
  await new Promise((resolve) => setTimeout(resolve, 1300));
  t.equal((await service.post('/search', { query: 'glass' })).status, 200);
  unlinkSync(file);
  await watch.close();
  t.match(notes, [/searches go on without: ENOSPC/, /the query log lacks 2 queries/]);
  t.equal(notes.length, 2);
  t.match(await metrics.text(), /^ssp_query_log_lost 2$/m);
});

test('each run has its metrics; the number of names is bounded', async (t) => {
  const { service, metrics } = await watched({});
  for (let i = 0; i < 120; i += 1) {
    await service.post(
      '/retrieve',
      { queries: ['glass', 'xyzzy'] },
      { 'x-ssp-run': `run-${i % 110}` },
    );
    await service.post('/retrieve', { query: 'glass' }, { 'x-ssp-run': 'busy' });
  }
  const text = await metrics.text();
  const runs = text.match(/^ssp_run_queries_total\{/gm)?.length;
  t.equal(runs, 100);
  t.match(text, /^ssp_run_queries_total\{run="busy"\} 120$/m);
  t.match(text, /^ssp_run_cache_hits_total\{run="busy"\} 120$/m);
  t.match(text, /^ssp_run_empty_results_total\{run="run-9"\} 1$/m, 'it had gone, and came again');
  t.match(text, /^ssp_run_search_seconds_count\{run="busy"\} 120$/m);
});

test('a run over its quota is told when to ask again, others are answered', async (t) => {
  const { service, metrics } = await watched({ runQueriesPerMinute: 6 });
  const ask = (count: number, run = 'a') =>
    service.post(
      '/v1/search',
      { queries: Array(count).fill('glass'), allowDegraded: true },
      { 'x-ssp-run': run },
    );
  t.equal((await ask(4)).status, 200);
  const refused = await ask(4);
  t.equal(refused.status, 429);
  t.match(refused.body, { code: 'SSP_RUN_QUOTA', message: /run a .* 6 queries/ });
  t.match(refused.headers, { 'retry-after': /^(19|20)$/ });
  t.equal((await ask(2)).status, 200, 'what is left');
  t.equal((await ask(6, 'b')).status, 200);
  t.equal((await service.post('/retrieve', { query: 'glass' })).status, 200);
  t.match(await metrics.text(), /^ssp_run_refused_total\{run="a"\} 1$/m);
});

test('an agent over the quota of its run is told so by the tool', async (t) => {
  const { service, metrics } = await watched({ runQueriesPerMinute: 6 });
  const run = { 'x-ssp-run': 'a' };
  const search = (count: number, headers = {}) =>
    callTool(service, 'search', { queries: Array(count).fill('glass') }, headers);
  t.match((await search(6, run)).text, 'hits for 6 queries');
  const explained = { query: 'glass', id: '1-1' };
  for (const refused of [
    await search(1, run),
    await callTool(service, 'explain', explained, run),
  ]) {
    t.match(refused.text, /SSP_RUN_QUOTA: The run a has asked its 6 queries.*after (9|10) seconds/);
    t.match(refused.text, '"isError":true');
  }
  t.match((await service.post('/v1/explain', explained, run)).headers, { 'retry-after': /^9|10$/ });
  t.match((await search(6)).text, 'hits for 6 queries', 'without a run');
  const text = await metrics.text();
  t.match(text, /^ssp_run_queries_total\{run="a"\} 6$/m);
  t.match(text, /^ssp_run_refused_total\{run="a"\} 3$/m);
});

test('quotas: a large request takes a full minute and is paid back', (t) => {
  let nowMs = 0;
  const quotas = new RunQuotas(60, 10, () => nowMs);
  quotas.take('a', 180);
  const waits = (queries: number): unknown => {
    try {
      quotas.take('a', queries);
    } catch (error) {
      return (error as { details: { retryAfterSeconds: number } }).details.retryAfterSeconds;
    }
    return 0;
  };
  t.equal(waits(1), 121, 'from -120 to 1');
  nowMs = 121_000;
  t.equal(waits(1), 0);
  t.equal(waits(180), 60);
  nowMs = 181_000;
  t.equal(waits(180), 0);
  new RunQuotas(0, 10).take('a', 1e9);
  t.end();
});
