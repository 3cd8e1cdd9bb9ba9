import { once } from 'node:events';
import { connect } from 'node:net';

import { test } from 'tap';

import type { Service, ServiceOptions } from '../../../services/search/service.ts';
import { startService } from '../../../services/search/service.ts';
import { serviceConfig } from '../../../src/config/service.ts';
import { SspError } from '../../../src/errors/error.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { pause, standInIndex } from '../../material/search/stand-in-index.ts';

function start(open: ServiceOptions['open'], settings: object = {}): Promise<Service> {
  const config = serviceConfig.parse({ port: 0, ...settings });
  return startService({ config, open, progress: silentProgress });
}

function ask(service: Service, query: string, signal?: AbortSignal): Promise<Response> {
  return fetch(`${service.url}/retrieve`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function metricsOf(service: Service): Promise<string> {
  return (await fetch(`${service.url}/metrics`)).text();
}

test('the port is open from the start; /readyz shows the progress of loading', async (t) => {
  const gate = Promise.withResolvers<undefined>();
  const index = standInIndex();
  const service = await start(async (progress) => {
    const stage = progress.stage('open index', 'tables', 3);
    stage.add(2);
    await gate.promise;
    stage.end();
    return index;
  });
  t.match(service.url, /^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
  t.equal((await fetch(`${service.url}/healthz`)).status, 200);
  const loading = await fetch(`${service.url}/readyz`);
  t.equal(loading.status, 503);
  t.match(await loading.json(), {
    status: 'loading',
    detail: 'loading (open index: 2 of 3 tables)',
    stages: [{ name: 'open index', done: 2, total: 3, ended: false }],
  });
  const early = await ask(service, 'Sarn');
  t.equal(early.status, 503);
  t.match(early.headers.get('retry-after'), /^[1-9]/);
  t.match(await early.json(), { code: 'SSP_NOT_READY', message: /2 of 3 tables/ });
  gate.resolve(undefined);
  await service.ready;
  const ready = await fetch(`${service.url}/readyz`);
  t.equal(ready.status, 200);
  t.match(await ready.json(), { status: 'ready', index: { passages: 6, defaultMode: 'bm25' } });
  t.equal((await ask(service, 'Sarn')).status, 200);
  await service.stop();
  t.ok(index.closed);
  await t.rejects(ask(service, 'Sarn'), 'the port is closed');
});

test('an index that does not load keeps the port open and says why', async (t) => {
  const service = await start(() =>
    Promise.reject(new SspError('SSP_FILE_NOT_FOUND', { what: 'index', path: 'nowhere' })),
  );
  await t.rejects(service.ready, { code: 'SSP_FILE_NOT_FOUND' });
  const failed = await fetch(`${service.url}/readyz`);
  t.equal(failed.status, 503);
  t.match(await failed.json(), { status: 'failed', error: { code: 'SSP_FILE_NOT_FOUND' } });
  await service.stop();
});

test('an index that fails its self-test is not served', async (t) => {
  const index = standInIndex();
  const service = await start(() =>
    Promise.resolve({
      ...index,
      sample: () => Promise.resolve([{ id: 'x', title: 'Elsewhere', text: 'Something.' }]),
    }),
  );
  await t.rejects(service.ready, { code: 'SSP_SELF_TEST_FAILED' });
  t.equal((await ask(service, 'Sarn')).status, 503);
  await service.stop();
});

test('a taken port and a foreign address are errors with a code', async (t) => {
  const service = await start(() => Promise.resolve(standInIndex()));
  const port = Number(new URL(service.url).port);
  const again = start(() => Promise.resolve(standInIndex()), { port });
  await t.rejects(again, { code: 'SSP_ADDRESS_UNAVAILABLE', message: /the port is in use/ });
  const foreign = start(() => Promise.resolve(standInIndex()), { host: '192.0.2.1' });
  await t.rejects(foreign, { code: 'SSP_ADDRESS_UNAVAILABLE' });
  await service.stop();
});

test('a stopping service finishes what it has and takes nothing new', async (t) => {
  const begun = Promise.withResolvers<undefined>();
  const gate = Promise.withResolvers<undefined>();
  const index = standInIndex({
    onBatch() {
      begun.resolve(undefined);
      return gate.promise;
    },
  });
  const service = await start(() => Promise.resolve(index), { selfTestPassages: 0 });
  await service.ready;
  const underWay = ask(service, 'Sarn');
  await begun.promise;
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
  const status = async (): Promise<string | undefined> => {
    const [data] = (await once(socket, 'data')) as [Buffer];
    return data.toString().split('\r\n')[0];
  };
  // A whole request and the begin of a second one: the reply shows that both have arrived.
  const head = 'GET /readyz HTTP/1.1\r\nhost: localhost\r\n';
  socket.write(`${head}\r\n${head}`);
  t.equal(await status(), 'HTTP/1.1 200 OK');
  const stopped = service.stop();
  await pause(50); // idle connections are closed meanwhile
  socket.write('\r\n');
  t.equal(await status(), 'HTTP/1.1 503 Service Unavailable', 'not ready any more');
  t.notOk(index.closed);
  gate.resolve(undefined);
  t.equal((await underWay).status, 200);
  await stopped;
  t.ok(index.closed);
  socket.destroy();
});

test('a request that a busy process has not read yet is no idle connection', async (t) => {
  const service = await start(() => Promise.resolve(standInIndex()), { selfTestPassages: 0 });
  await service.ready;
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
  await once(socket, 'connect');
  await fetch(`${service.url}/healthz`); // by now the service has the other connection too
  const stopped = service.stop();
  socket.write('GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100); // busy
  const [data] = (await once(socket, 'data')) as [Buffer];
  t.match(data.toString(), /^HTTP\/1\.1 503 /);
  await stopped;
  socket.destroy();
});

test('after the grace period a stopping service cuts what hangs', async (t) => {
  const begun = Promise.withResolvers<undefined>();
  const index = standInIndex({
    onBatch(_mode, _queries, signal) {
      begun.resolve(undefined);
      return pause(600_000, signal);
    },
  });
  const service = await start(() => Promise.resolve(index), { selfTestPassages: 0, graceMs: 100 });
  await service.ready;
  const hanging = t.rejects(ask(service, 'Sarn'));
  await begun.promise;
  await service.stop();
  await hanging;
  t.ok(index.closed);
});

test('stopping while the index still loads ends the loading', async (t) => {
  const service = await start(async (_progress, signal) => {
    await pause(600_000, signal);
    return standInIndex();
  });
  const loaded = t.rejects(service.ready);
  await service.stop();
  await loaded;
});

test('a client that goes away ends its search, if nobody else waits for it', async (t) => {
  const signals: AbortSignal[] = [];
  const gate = Promise.withResolvers<undefined>();
  const index = standInIndex({
    async onBatch(_mode, _queries, signal) {
      if (signal !== undefined) signals.push(signal);
      await gate.promise;
    },
  });
  const service = await start(() => Promise.resolve(index), { selfTestPassages: 0 });
  await service.ready;
  const [one, two] = [new AbortController(), new AbortController()];
  const alone = t.rejects(ask(service, 'town', one.signal));
  while (signals.length === 0) await pause(5);
  const shared = t.rejects(ask(service, 'Sarn', two.signal));
  const stays = ask(service, 'Sarn');
  while (!(await metricsOf(service)).includes('ssp_cache_misses_total 3')) await pause(5);
  t.equal(signals.length, 2, 'two searches for three requests');
  one.abort();
  two.abort();
  await Promise.all([alone, shared]);
  while (!signals.some(({ aborted }) => aborted)) await pause(5);
  await pause(50); // the other one would be aborted meanwhile
  t.strictSame(
    signals.map(({ aborted }) => aborted),
    [true, false],
  );
  gate.resolve(undefined);
  t.equal((await stays).status, 200);
  await service.stop();
});

test('a request that comes too slowly is ended with a code', async (t) => {
  const service = await start(() => Promise.resolve(standInIndex()), { requestTimeoutMs: 300 });
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
  socket.write('POST /retrieve HTTP/1.1\r\nhost: localhost\r\ncontent-le');
  const reply = await new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (data) => (text += data.toString()));
    socket.on('close', () => {
      resolve(text);
    });
  });
  t.match(reply, /^HTTP\/1\.1 408 /);
  t.match(reply, /"code":"SSP_REQUEST_TIMEOUT"/);
  await service.stop();
});
