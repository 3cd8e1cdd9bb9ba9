import { test } from 'tap';

import { pause, rank, standInIndex, towns } from '../../material/search/stand-in-index.ts';
import { RunningApp } from './running-app.ts';

const signal = new AbortController().signal;
const words = ['town', 'river', 'Sarn', 'glass', 'harbour', 'band', 'xyzzy', 'quarter'];

test('many callers at once: everybody gets the answer to their own query', async (t) => {
  let asked = 0;
  const index = standInIndex({
    modes: ['bm25', 'dense', 'hybrid'],
    async onBatch(_mode, queries) {
      asked += queries.length;
      await pause(1 + (asked % 3));
    },
  });
  const { broker } = new RunningApp(index, { batchQueries: 5, cacheBytes: 0 });
  const calls = Array.from({ length: 600 }, async (_, i) => {
    const query = `${words[i % 8] ?? ''} ${words[(i >> 3) % 8] ?? ''}`;
    const topK = 1 + (i % 3);
    const mode = index.modes[i % 3] ?? 'bm25';
    const { results } = await broker.search([query], { mode, topK, signal });
    return JSON.stringify(results) === JSON.stringify([rank(towns, query, topK)]);
  });
  t.ok((await Promise.all(calls)).every(Boolean));
  t.ok(asked < 600, `equal queries in flight were asked once: ${asked} of 600`);
});

test('a result comes from the cache the second time, by mode and number of hits', async (t) => {
  const asked: string[] = [];
  const index = standInIndex({
    modes: ['bm25', 'dense'],
    onBatch(mode, queries) {
      asked.push(...queries.map((query) => `${mode} ${query}`));
    },
  });
  const service = new RunningApp(index);
  const { broker } = service;
  const first = await broker.search(['Sarn', ' Sarn ', ''], { mode: 'bm25', topK: 3, signal });
  t.equal(first.cached, 0);
  t.strictSame(first.results[2], { hits: [], truncated: false });
  const again = await broker.search(['Sarn', 'town'], { mode: 'bm25', topK: 3, signal });
  t.equal(again.cached, 1);
  t.strictSame(again.results[0], first.results[0]);
  await broker.search(['Sarn'], { mode: 'dense', topK: 3, signal });
  await broker.search(['Sarn'], { mode: 'bm25', topK: 1, signal });
  t.strictSame(asked, ['bm25 Sarn', 'bm25 town', 'dense Sarn', 'bm25 Sarn']);
  const metrics = (await service.get('/metrics')).text;
  t.match(metrics, /^ssp_cache_hits_total 1$/m);
  t.match(metrics, /^ssp_cache_misses_total 5$/m);
  t.match(metrics, /^ssp_queries_total\{mode="bm25"\} 6$/m);
  t.match(metrics, /^ssp_batch_queries_count\{mode="bm25"\} 3$/m);
  t.match(metrics, /^ssp_search_seconds_count\{mode="dense"\} 1$/m);
  t.match(metrics, /^ssp_ready 1$/m);
});

test('the cache is bounded by memory, and an error is not kept', async (t) => {
  let failures = 1;
  const index = standInIndex({
    onBatch() {
      if (failures-- > 0) throw new Error('once');
    },
  });
  const { broker } = new RunningApp(index, { cacheBytes: 2000 });
  const request = { mode: 'bm25', topK: 3, signal } as const;
  await t.rejects(broker.search(['Sarn'], request), { message: 'once' });
  t.equal((await broker.search(['Sarn'], request)).cached, 0);
  t.equal((await broker.search(['Sarn'], request)).cached, 1);
  for (const word of words) await broker.search([word, `${word} town`], request);
  t.equal((await broker.search(['Sarn'], request)).cached, 0, 'the oldest went out');
});

test('a full queue is answered 429 with Retry-After, and counted', async (t) => {
  const gate = Promise.withResolvers<undefined>();
  const index = standInIndex({ onBatch: () => gate.promise });
  const service = new RunningApp(index, { maxQueued: 2, parallelBatches: 1 });
  const replies = ['a', 'b', 'c', 'd', 'e'].map((query) => service.post('/retrieve', { query }));
  await Promise.all(replies.slice(3)); // refused while the others wait
  gate.resolve(undefined);
  const statuses = (await Promise.all(replies)).map(({ status }) => status);
  t.strictSame(statuses, [200, 200, 200, 429, 429]);
  const refused = (await Promise.all(replies))[4];
  t.match(refused?.body, { code: 'SSP_OVERLOADED', details: { queued: 2, limit: 2 } });
  t.match(refused?.headers['retry-after'], /^[1-9]\d*$/);
  t.match((await service.get('/metrics')).text, /^ssp_rejected_requests_total 2$/m);
});

test('a search that takes too long is ended with a code', async (t) => {
  const signals: (AbortSignal | undefined)[] = [];
  const index = standInIndex({
    async onBatch(_mode, _queries, batchSignal) {
      signals.push(batchSignal);
      await pause(60_000, batchSignal);
    },
  });
  const service = new RunningApp(index, { searchTimeoutMs: 100 });
  const reply = await service.post('/v1/search', { query: 'Sarn' });
  t.equal(reply.status, 504);
  t.match(reply.body, { code: 'SSP_SEARCH_TIMEOUT' });
  t.ok(signals[0]?.aborted, 'the index was told to stop');
});

test('the default mode is the best there is, or the one that is configured', (t) => {
  const modeOf = (modes: ('bm25' | 'dense' | 'hybrid')[], settings = {}): string =>
    new RunningApp(standInIndex({ modes }), settings).broker.defaultMode;
  t.equal(modeOf(['bm25', 'dense', 'hybrid']), 'hybrid');
  t.equal(modeOf(['dense']), 'dense');
  t.equal(modeOf(['bm25', 'dense', 'hybrid'], { mode: 'bm25' }), 'bm25');
  t.throws(() => modeOf(['bm25'], { mode: 'dense' }), { code: 'SSP_MODE_UNAVAILABLE' });
  t.end();
});
