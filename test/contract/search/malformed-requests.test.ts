import { connect } from 'node:net';

import fc from 'fast-check';
import { test } from 'tap';

import { replySchemas } from '../../../services/search/schemas.ts';
import type { Service } from '../../../services/search/service.ts';
import { startService } from '../../../services/search/service.ts';
import { serviceConfig } from '../../../src/config/service.ts';
import { catalogue } from '../../../src/errors/catalogue.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { standInIndex } from '../../material/search/stand-in-index.ts';

const config = serviceConfig.parse({
  ...{ port: 0, maxBodyBytes: 200_000, requestTimeoutMs: 2_000, maxQueries: 50 },
});
let service: Service;
let sent = 0;

test('start', async () => {
  service = await startService({
    config,
    open: () => Promise.resolve(standInIndex()),
    progress: silentProgress,
  });
  await service.ready;
});

/** Undefined where the reply is an error of the catalogue with the right status, else what it was. */
async function wrongReply(path: string, init: RequestInit): Promise<string | undefined> {
  sent += 1;
  const reply = await fetch(`${service.url}${path}`, init);
  const text = await reply.text();
  return wrongError(reply.status, text);
}

function wrongError(status: number, text: string): string | undefined {
  const shown = `${status} ${text.slice(0, 200)}`;
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return shown;
  }
  const parsed = replySchemas.error.safeParse(body);
  if (!parsed.success) return shown;
  const { code, message, remedy } = parsed.data;
  const row = Object.entries(catalogue).find(([known]) => known === code)?.[1];
  const isRight =
    row?.status === status && status >= 400 && status < 500 && message !== '' && remedy !== '';
  return isRight ? undefined : shown;
}

function post(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): RequestInit {
  return { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } };
}

const deep = (open: string, close: string, depth: number): string =>
  `${open.repeat(depth)}1${close.repeat(depth)}`;
const huge = 'x'.repeat(300_000);
const wrongValues: readonly unknown[] = [
  ...[null, true, false, 0, 1, -1, 1.5, 1e400, '', 'a', [], {}, [[]], [{}], [null], [1], ['a', 2]],
  ...[{ a: 1 }, [['a']], '\u0000', -0, 1e-9, 2 ** 53],
];

test('bodies of the wrong type, shape and size', async (t) => {
  const bodies: string[] = [
    ...['', ' ', '{', '}', '{}', '[]', 'null', '1', '"a"', 'tru', "{'query': 'a'}", '{"query": }'],
    ...['{"query": "a"} {"query": "b"}', '{"query": "a",}', '// x\n{}', 'NaN', '\uFEFF{}', '{"a'],
    ...['{"query": "\u0001"}', '{"query": "\\u12"}', '{"__proto__": {"query": "a"}}'],
    ...['{"constructor": {"prototype": {"x": 1}}, "query": "a"}', '{"toString": 1, "query": "a"}'],
    ...[deep('[', ']', 90_000), deep('{"query":', '}', 20_000), deep('{"a":[', ']}', 15_000)],
    ...[JSON.stringify({ query: huge }), JSON.stringify({ [huge]: 1 })],
    ...[JSON.stringify({ queries: Array.from({ length: 51 }, () => 'a') })],
  ];
  for (const path of ['/retrieve', '/v1/search']) {
    for (const body of bodies) {
      t.equal(await wrongReply(path, post(body)), undefined, `${path} ${body.slice(0, 40)}`);
    }
    for (const value of wrongValues) {
      const text = JSON.stringify({ query: value });
      if (typeof value === 'string') continue;
      t.equal(await wrongReply(path, post(text)), undefined, `${path} ${text}`);
    }
  }
  for (const value of wrongValues) {
    const retrieve = JSON.stringify({ query: 'a', topk: value });
    if (!/:(1|null)}$/.test(retrieve)) {
      t.equal(await wrongReply('/retrieve', post(retrieve)), undefined, retrieve);
    }
    if (value !== 1) {
      const search = JSON.stringify({ query: 'a', topK: value });
      t.equal(await wrongReply('/v1/search', post(search)), undefined, search);
    }
    const mode = JSON.stringify({ query: 'a', mode: value });
    t.equal(await wrongReply('/v1/search', post(mode)), undefined, mode);
  }
});

test('headers, encodings, methods and paths that are wrong', async (t) => {
  const body = '{"query": "a"}';
  const types = ['text/plain', 'application/x-www-form-urlencoded', 'image/png', 'application/xml'];
  for (const type of [...types, 'multipart/form-data; boundary=x', 'json', 'a'.repeat(2000)]) {
    const wrong = await wrongReply('/v1/search', post(body, { 'content-type': type }));
    t.equal(wrong, undefined, type);
  }
  const bytes = [
    ...[Uint8Array.of(0xff, 0xfe, 0x7b, 0x00), Uint8Array.of(0xc3, 0x28)],
    ...[new TextEncoder().encode('{"query": "a'), Buffer.from('{"query": "caf\xe9"}', 'latin1')],
    ...[Buffer.from('{"query": "a"}', 'utf16le'), new Uint8Array(1000), new Uint8Array(300_000)],
  ];
  for (const data of bytes) {
    t.equal(
      await wrongReply('/retrieve', post(data)),
      undefined,
      Buffer.from(data).toString('hex', 0, 9),
    );
  }
  for (const path of [
    '/nowhere',
    '/retrieve/',
    '/v1',
    '/v1/search/x',
    '/v1/passages/',
    '/v1/pages/%00',
    '/..%2f..%2fetc',
    '/%E0%A4%A',
    '/v1/pages/%ff',
    '/x'.repeat(3000),
    '/v1/passages/' + 'y'.repeat(9000),
  ]) {
    t.equal(await wrongReply(path, {}), undefined, path.slice(0, 40));
  }
  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND']) {
    t.equal(await wrongReply('/retrieve', { method }), undefined, method);
    if (method !== 'GET') t.equal(await wrongReply('/readyz', { method }), undefined, method);
  }
});

test('arbitrary JSON', async (t) => {
  const isRequest = (value: unknown): boolean =>
    typeof value === 'object' && value !== null && ('query' in value || 'queries' in value);
  await fc.assert(
    fc.asyncProperty(
      fc.json({ maxDepth: 6 }).filter((text) => !isRequest(JSON.parse(text))),
      fc.constantFrom('/retrieve', '/v1/search'),
      async (text, path) => (await wrongReply(path, post(text))) === undefined,
    ),
    { numRuns: 100 },
  );
  t.pass();
});

test('arbitrary bytes', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 400 }),
      fc.constantFrom('/retrieve', '/v1/search'),
      async (data, path) => (await wrongReply(path, post(Buffer.from(data)))) === undefined,
    ),
    { numRuns: 100 },
  );
  t.pass();
});

/** What comes back for raw bytes until the server closes the connection. */
function exchange(data: string | Uint8Array): Promise<string> {
  sent += 1;
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(text);
    });
    socket.end(data);
  });
}

test('what is not HTTP at all', async (t) => {
  const json = 'host: localhost\r\ncontent-type: application/json\r\n';
  const garbage: readonly string[] = [
    ...[
      'hello\r\n\r\n',
      '\u0016\u0003\u0001\u0002\u0000\u0001',
      'GET\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
    ],
    ...[
      'GET /x HTTP/1.1\r\n\r\n',
      'FOO / HTTP/1.1\r\nhost: localhost\r\n\r\n',
      'GET / HTTP/1.1\r\nho st: x\r\n\r\n',
    ],
    ...[
      'GET  /a b HTTP/1.1\r\nhost: localhost\r\n\r\n',
      `GET / HTTP/1.1\r\nhost: localhost\r\na: ${'b'.repeat(70_000)}\r\n\r\n`,
    ],
    ...[
      `GET /${'a'.repeat(70_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`,
      'GET / HTTP/1.1\nhost: x\n\n',
    ],
    ...[`POST /retrieve HTTP/1.1\r\n${json}content-length: -5\r\n\r\n`],
    ...[`POST /retrieve HTTP/1.1\r\n${json}content-length: abc\r\n\r\n`],
    ...[`POST /retrieve HTTP/1.1\r\n${json}content-length: 99999999999\r\n\r\n{}`],
    ...[`POST /retrieve HTTP/1.1\r\n${json}transfer-encoding: chunked\r\n\r\nzz\r\n`],
    ...[
      `POST /retrieve HTTP/1.1\r\n${json}transfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n0\r\n\r\n`,
    ],
    ...['POST /retrieve HTTP/1.1\r\nhost: localhost\r\nhost: y\r\n\r\n', '\r\n\r\n\r\nx'],
    ...['GET /x HTTP/1.1\r\nexpect: wonders\r\n\r\n', 'CONNECT x:1 HTTP/1.1\r\n\r\n'],
    ...['GET /x HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'],
  ];
  for (const data of garbage) {
    const reply = await exchange(data);
    const [head = '', body = ''] = reply.split('\r\n\r\n');
    const status = Number(/^HTTP\/1\.1 (\d+) /.exec(head)?.[1]);
    t.equal(wrongError(status, body), undefined, JSON.stringify(data.slice(0, 60)));
  }
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 100 }), async (data) => {
      const reply = await exchange(data);
      return reply === '' || /^HTTP\/1\.1 4\d\d [^]*"code":"SSP_/.test(reply);
    }),
    { numRuns: 50 },
  );
});

test('a connection that ends in the middle of a body takes nobody with it', async (t) => {
  const reply = await exchange(
    'POST /retrieve HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"que',
  );
  t.ok(reply === '' || reply.includes('"code":"SSP_'), JSON.stringify(reply));
});

test('after all that the service answers, and nothing was unexpected', async (t) => {
  t.ok(sent >= 400, `${sent} malformed requests`);
  const reply = await fetch(`${service.url}/retrieve`, post('{"query": "Sarn"}'));
  t.equal(reply.status, 200);
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  t.notMatch(metrics, /ssp_requests_total\{[^}]*status="5/, 'no 5xx reply');
  await service.stop();
});
