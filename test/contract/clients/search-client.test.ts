import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Test } from 'tap';
import { test } from 'tap';

import type { Service } from '../../../services/search/service.ts';
import { startService } from '../../../services/search/service.ts';
import type { SearchClientOptions } from '../../../src/clients/search-client.ts';
import { SearchClient } from '../../../src/clients/search-client.ts';
import { serviceConfig } from '../../../src/config/service.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { rank, standInIndex, towns } from '../../material/search/stand-in-index.ts';
import { testFolder } from '../../material/test-folder.ts';
import type { Answer } from './faulty-service.ts';
import { faultyService } from './faulty-service.ts';

const never = new AbortController().signal;
const retries = { attempts: 2, firstWaitMs: 1, longestWaitMs: 5, timeoutMs: 60_000 };

/** The real service over an index that records its batches and waits where a test wants it to. */
async function served(
  t: Test,
  settings: object = {},
  wait: () => Promise<void> = () => Promise.resolve(),
): Promise<{ service: Service; batches: string[][] }> {
  const batches: string[][] = [];
  const index = standInIndex({
    async onBatch(_mode, queries) {
      batches.push([...queries]);
      await wait();
    },
  });
  const config = serviceConfig.parse({ port: 0, selfTestPassages: 0, ...settings });
  const open = (): Promise<typeof index> => Promise.resolve(index);
  const service = await startService({ config, open, progress: silentProgress });
  await service.ready;
  t.teardown(() => service.stop());
  return { service, batches };
}

const topK = 2;

function clientOf({ url }: { url: string }, options: Partial<SearchClientOptions> = {}) {
  return new SearchClient({ url, retries, ...options });
}

function expected(query: string): object[] {
  return rank(towns, query, topK).hits.map(({ id, title, text }) => ({ id, title, text }));
}

test('queries of one moment go out together, equal ones once, each with its own result', async (t) => {
  const { service, batches } = await served(t);
  const client = clientOf(service);
  const queries = ['Velmora', 'river Sarn', 'Ostrel', 'Velmora', 'nothing like it', 'band'];
  const found = await Promise.all(queries.map((query) => client.retrieve(query, topK, never)));
  t.same(found, queries.map(expected));
  t.same(batches, [['Velmora', 'river Sarn', 'Ostrel', 'nothing like it', 'band']]);
  t.match(client.takeFacts(), {
    ...{ queries: 6, cacheHits: 0, joined: 1, requests: 1, failedRequests: 0 },
  });
  t.match(client.takeFacts(), { queries: 0, requests: 0, meanMs: 0, maxMs: 0 });
});

test('the service is told for whom each query is asked', async (t) => {
  const queryLog = join(testFolder(t), 'log.jsonl');
  const { service } = await served(t, { queryLog });
  const client = clientOf(service, { asker: { run: 'erste Läufe' } });
  const asked = [
    ['Velmora', { step: '4', agent: 'solver' }],
    ['Ostrel', { step: '4', agent: 'proposer' }],
    ['band', {}],
  ] as const;
  await Promise.all(asked.map(([query, asker]) => client.retrieve(query, topK, never, asker)));
  await client.search({ query: 'river' }, never);
  await service.stop();
  const text = await readFile(queryLog, 'utf8');
  const lines = text.trimEnd().split('\n').sort();
  const run = 'erste-L-ufe';
  const told = lines.map((line) => {
    const { query, run, step, agent } = JSON.parse(line) as Record<string, string>;
    return { query, run, step, agent };
  });
  t.same(
    new Set(told.map((line) => JSON.stringify(line))),
    new Set(
      [
        { query: 'Velmora', run, step: '4', agent: 'solver' },
        { query: 'Ostrel', run, step: '4', agent: 'proposer' },
        { query: 'band', run },
        { query: 'river', run },
      ].map((line) => JSON.stringify(line)),
    ),
  );
});

test('passages are kept, the least recently used go first', async (t) => {
  const { service, batches } = await served(t, { cacheBytes: 0 });
  const client = clientOf(service, { cacheQueries: 2 });
  for (const query of ['Velmora', 'Sarn', 'Velmora', 'Ostrel', 'Velmora', 'Sarn']) {
    t.same(await client.retrieve(query, topK, never), expected(query));
  }
  t.same(batches.flat(), ['Velmora', 'Sarn', 'Ostrel', 'Sarn']);
  t.match(client.takeFacts(), { queries: 6, cacheHits: 2, requests: 4 });
  const forgetful = clientOf(service, { cacheQueries: 0 });
  await forgetful.retrieve('Velmora', topK, never);
  await forgetful.retrieve('Velmora', topK, never);
  t.equal(forgetful.takeFacts().requests, 2);
});

test('batches and requests in flight are bounded', async (t) => {
  let [running, most] = [0, 0];
  const gate = Promise.withResolvers<undefined>();
  const settings = { parallelBatches: 64, batchQueries: 1 };
  const { service, batches } = await served(t, settings, async () => {
    running += 1;
    most = Math.max(most, running);
    if (running === 4) gate.resolve(undefined);
    await gate.promise;
    running -= 1;
  });
  const client = clientOf(service, { batchQueries: 2, maxInFlight: 2 });
  const queries = Array.from({ length: 9 }, (_, i) => `town ${i}`);
  await Promise.all(queries.map((query) => client.retrieve(query, topK, never)));
  t.equal(client.takeFacts().requests, 5, '9 queries, 2 a request');
  t.equal(batches.length, 9);
  t.equal(most, 4, 'two requests of two queries');
});

test('a query that the service refuses fails alone', async (t) => {
  const { service: ours } = await served(t);
  const reply = async (query: string): Promise<Answer> => {
    const body = JSON.stringify({ query, topk: topK, return_scores: true });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${ours.url}/retrieve`, { method: 'POST', headers, body });
    return { status: 200, json: await response.json() };
  };
  const refusal = { status: 400, json: { code: 'SSP_REQUEST_INVALID', message: 'No.' } };
  const answers = [refusal, await reply('Velmora'), refusal, await reply('Ostrel')] as const;
  const client = clientOf(await faultyService(t, answers), { maxInFlight: 1 });
  const queries = ['Velmora', 'what the service does not like', 'Ostrel'];
  const [first, second, third] = await Promise.allSettled(
    queries.map((query) => client.retrieve(query, topK, never)),
  );
  t.match(first, { status: 'fulfilled', value: expected('Velmora') });
  t.match(second, { reason: { code: 'SSP_SERVICE_REFUSED', message: /SSP_/ } });
  t.match(third, { status: 'fulfilled', value: expected('Ostrel') });
});

test('who gives up leaves the others their answer', async (t) => {
  const { service } = await served(t);
  const client = clientOf(service);
  const leaving = new AbortController();
  const left = client.retrieve('Velmora', topK, leaving.signal);
  const staying = client.retrieve('Velmora', topK, never);
  leaving.abort(new Error('enough'));
  await t.rejects(left, { message: 'enough' });
  t.same(await staying, expected('Velmora'));
});

test('a passing failure is tried again; the replies of Search-R1’s server are read', async (t) => {
  const document = { id: 7, contents: '"Riga"\nRiga is a city.\nIt is old.' };
  const service = await faultyService(t, [
    { status: 503, json: {} },
    { status: 200, json: { result: [[{ document, score: 1.5 }], [document]] } },
  ]);
  const client = clientOf(service);
  const found = await Promise.all(['a', 'b'].map((query) => client.retrieve(query, topK, never)));
  const passage = { id: '7', title: 'Riga', text: 'Riga is a city.\nIt is old.' };
  t.same(found, [[passage], [passage]]);
  t.same(service.arrived[1], {
    path: '/retrieve',
    body: { queries: ['a', 'b'], topk: 2, return_scores: true },
  });
});

test('no service, and replies that are none, are coded errors, asked for once', async (t) => {
  const { service } = await served(t);
  await service.stop();
  const ends = async (client: SearchClient): Promise<unknown[]> => {
    const both = ['a', 'b'].map((query) => client.retrieve(query, topK, never));
    const settled = await Promise.allSettled(both);
    t.match(client.takeFacts(), { requests: 1, failedRequests: 1 });
    return settled.map((end) => (end.status === 'rejected' ? (end.reason as unknown) : end.value));
  };
  const unreachable = { code: 'SSP_SERVICE_UNREACHABLE' };
  t.match(await ends(clientOf(service)), [unreachable, unreachable]);
  for (const json of [{ result: [[]] }, { results: [] }, 'what?']) {
    const other = await faultyService(t, [{ status: 200, json }]);
    const refused = { code: 'SSP_SERVICE_REFUSED' };
    t.match(await ends(clientOf(other)), [refused, refused]);
  }
});
