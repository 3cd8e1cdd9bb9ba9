import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';

import { test } from 'tap';

import type { Service } from '../../../services/search/service.ts';
import { startService } from '../../../services/search/service.ts';
import { serviceConfig } from '../../../src/config/service.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import type { SearchIndex } from '../../../src/types/retriever.ts';
import { standInIndex } from '../../material/search/stand-in-index.ts';

const host = 'host: localhost\r\n';
const health = `GET /healthz HTTP/1.1\r\n${host}\r\n`;

async function start(settings: object = {}, index: SearchIndex = standInIndex()): Promise<Service> {
  const config = serviceConfig.parse({ port: 0, selfTestPassages: 0, ...settings });
  const open = (): Promise<SearchIndex> => Promise.resolve(index);
  const service = await startService({ config, open, progress: silentProgress });
  await service.ready;
  return service;
}

function dial({ url }: Service): Socket {
  return connect(Number(new URL(url).port), '127.0.0.1');
}

/** Everything that comes until the service closes the connection. */
function untilClosed(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (data) => (text += data.toString()));
  socket.on('error', () => undefined);
  return new Promise((resolve) => {
    socket.on('close', () => {
      resolve(text);
    });
  });
}

/** The statuses of replies, and the code of the last one where it is an error. */
function told(text: string): { statuses: string[]; code: string | undefined } {
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status = '']) => status);
  return { statuses, code: /"code":"(\w+)"/.exec(text)?.[1] };
}

test('a connection that says nothing is closed without a word', async (t) => {
  const service = await start({ requestTimeoutMs: 300 });
  t.equal(await untilClosed(dial(service)), '');
  await service.stop();
});

test('a request that comes in part only is answered 408, after the whole ones before it', async (t) => {
  const service = await start({ requestTimeoutMs: 300 });
  const body = 'content-type: application/json\r\ncontent-length: 99\r\n\r\n{';
  for (const part of ['GET /hea', `POST /retrieve HTTP/1.1\r\n${host}${body}`]) {
    for (const before of ['', health]) {
      const socket = dial(service);
      socket.write(`${before}${part}`);
      const text = await untilClosed(socket);
      const statuses = before === '' ? ['408'] : ['200', '408'];
      t.strictSame(told(text), { statuses, code: 'SSP_REQUEST_TIMEOUT' }, part);
      t.match(text, /connection: close\r\n/i);
    }
  }
  await service.stop();
});

test('what is no request waits for the replies to the requests before it', async (t) => {
  const gate = Promise.withResolvers<undefined>();
  const begun = Promise.withResolvers<undefined>();
  const index = standInIndex({
    onBatch() {
      begun.resolve(undefined);
      return gate.promise;
    },
  });
  const service = await start({}, index);
  const socket = dial(service);
  const query = '{"query": "Sarn"}';
  const head = `content-type: application/json\r\ncontent-length: ${query.length}\r\n\r\n`;
  socket.write(`POST /retrieve HTTP/1.1\r\n${host}${head}${query}`);
  await begun.promise;
  socket.write('no request\r\n\r\n');
  const text = untilClosed(socket);
  await fetch(`${service.url}/healthz`); // by now the service has read both
  socket.write('nor is this\r\n\r\n');
  await fetch(`${service.url}/healthz`);
  gate.resolve(undefined);
  t.strictSame(told(await text), { statuses: ['200', '400'], code: 'SSP_HTTP_MALFORMED' });
  await service.stop();
});

test('one connection too many is told so, and no more are kept than twice the limit', async (t) => {
  const service = await start({ maxConnections: 3 });
  const idle = [dial(service), dial(service), dial(service)];
  await Promise.all(idle.map((socket) => once(socket, 'connect')));
  const asked = [dial(service), dial(service)];
  asked[0]?.write(`GET /metrics HTTP/1.1\r\n${host}\r\n`);
  asked[1]?.write(health);
  const [refused = '', healthy = ''] = await Promise.all(asked.map(untilClosed));
  t.strictSame(told(refused), { statuses: ['503'], code: 'SSP_TOO_MANY_CONNECTIONS' });
  t.match(refused, /\r\nretry-after: 1\r\n/i);
  t.strictSame(told(healthy).statuses, ['200'], 'the process lives, and says so');
  const silent = [dial(service), dial(service), dial(service)];
  await Promise.all(silent.map((socket) => once(socket, 'connect')));
  const seventh = dial(service);
  seventh.write(health);
  t.equal(await untilClosed(seventh), '');
  t.strictSame(await Promise.all(silent.map(untilClosed)), ['', '', '']);
  for (const socket of idle) {
    socket.write(`GET /metrics HTTP/1.1\r\n${host}connection: close\r\n\r\n`);
  }
  const kept = await Promise.all(idle.map(untilClosed));
  t.strictSame(
    kept.map((text) => told(text).statuses),
    [['200'], ['200'], ['200']],
  );
  t.match(kept[0], /^ssp_connections 3$/m);
  await service.stop();
});
