import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Test } from 'tap';
import { test } from 'tap';

import { encoderConfig } from '../../../../src/config/index-build.ts';
import { openRemoteEncoder } from '../../../../src/retrieval/remote-encoder.ts';
import { requestJson } from '../../../material/clients/request-json.ts';

const fast = { attempts: 4, firstWaitMs: 1, longestWaitMs: 50, timeoutMs: 2000 };

interface Request {
  readonly model: string;
  readonly input: readonly string[];
}

/** Two numbers that say which text it is: its length and its first character. */
const vectorOf = (text: string): number[] => [text.length, text.charCodeAt(0)];

type Handler = (body: Request, response: ServerResponse, request: IncomingMessage) => void;

const answer: Handler = ({ input }, response) => {
  const data = input.map((text, index) => ({ index, embedding: vectorOf(text) })).reverse();
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ data }));
};

/** Whether it is the text that a server is asked for at the opening. */
const isProbe = ([text = '']: readonly string[]): boolean => text.includes('Marie Curie');

/** A real server; gives its address and every body it got. */
async function serve(t: Test, handle: Handler): Promise<{ url: string; bodies: Request[] }> {
  const bodies: Request[] = [];
  const server = createServer((request, response) => {
    void requestJson(request).then((json) => {
      if (json === undefined) return;
      const body = json as Request;
      bodies.push(body);
      handle(body, response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies };
}

const configOf = (url: string, model = 'some-model'): Parameters<typeof openRemoteEncoder>[0] => ({
  ...encoderConfig.parse({ model }),
  url,
});

test('vectors come in the order of the texts, normalised, whatever order the server sends', async (t) => {
  const { url, bodies } = await serve(t, answer);
  const encoder = await openRemoteEncoder(configOf(`${url}/v1/`), { policy: fast });
  const texts = Array.from({ length: 300 }, (_, i) => 'x'.repeat(i + 1));
  const { vectors_N_D, truncated_N } = await encoder.encodeQueries(texts);
  texts.forEach((text, i) => {
    const [a = 0, b = 0] = vectorOf(text);
    t.ok(Math.abs((vectors_N_D[2 * i] ?? 0) - a / Math.hypot(a, b)) < 1e-6);
  });
  t.equal(truncated_N.length, 300);
  t.ok(bodies.every(({ input, model }) => input.length <= 64 && model === 'some-model'));
  t.match(encoder.description, { dtype: 'remote', dimension: 2, queryPrefix: '' });
  t.equal((await encoder.encodeQueries([])).vectors_N_D.length, 0);
});

test('an e5 model gets its prefixes; passages are title, newline, text', async (t) => {
  const { url, bodies } = await serve(t, answer);
  const encoder = await openRemoteEncoder(configOf(url, 'intfloat/e5-base-v2'), { policy: fast });
  await encoder.encodeQueries(['who?']);
  await encoder.encodePassages([{ title: 'Mars', text: 'A planet.' }]);
  t.same(
    bodies.slice(1).map(({ input }) => input),
    [['query: who?'], ['passage: Mars\nA planet.']],
  );
});

test('429 and 503 are tried again, as late as Retry-After asks', async (t) => {
  let calls = 0;
  const { url } = await serve(t, (body, response, request) => {
    calls += 1;
    if (calls === 2) response.writeHead(429, { 'retry-after': '0.02' }).end('busy');
    else if (calls === 3) response.writeHead(503).end();
    else if (calls === 4) response.destroy();
    else answer(body, response, request);
  });
  const encoder = await openRemoteEncoder(configOf(url), { policy: fast });
  t.equal((await encoder.encodeQueries(['a'])).vectors_N_D.length, 2);
  t.equal(calls, 5);
});

test('what does not pass is an error with a code', async (t) => {
  const cases: readonly [string, Handler][] = [
    ['SSP_EMBEDDINGS_UNREACHABLE', (_, response) => response.writeHead(500).end('broken')],
    ['SSP_EMBEDDINGS_REFUSED', (_, response) => response.writeHead(404).end('no such model')],
    ['SSP_EMBEDDINGS_INVALID', (_, response) => response.end('{"data": 1}')],
    ['SSP_EMBEDDINGS_INVALID', (_, response) => response.end('{"data": []}')],
    [
      'SSP_EMBEDDINGS_INVALID',
      (_, response) => response.end('{"data": [{"index": 0, "embedding": [1, null]}]}'),
    ],
    ['SSP_EMBEDDINGS_UNREACHABLE', (_, response) => response.end('not json')],
  ];
  for (const [code, handle] of cases) {
    const { url } = await serve(t, handle);
    await t.rejects(openRemoteEncoder(configOf(url), { policy: fast }), { code }, code);
  }
  const config = configOf('http://127.0.0.1:9');
  await t.rejects(openRemoteEncoder(config, { policy: fast }), {
    code: 'SSP_EMBEDDINGS_UNREACHABLE',
  });
});

test('a server that changes its dimension is refused', async (t) => {
  const { url } = await serve(t, ({ input }, response) => {
    const embedding = isProbe(input) ? [1, 0] : [1, 0, 0];
    response.end(JSON.stringify({ data: [{ index: 0, embedding }] }));
  });
  const encoder = await openRemoteEncoder(configOf(url), { policy: fast });
  await t.rejects(encoder.encodeQueries(['a']), { code: 'SSP_EMBEDDINGS_INVALID' });
});

test('a silent server ends in a timeout, and an abort ends the wait at once', async (t) => {
  const { url } = await serve(t, (body, response, request) => {
    if (isProbe(body.input)) answer(body, response, request);
  });
  const policy = { ...fast, attempts: 2, timeoutMs: 1000 };
  const encoder = await openRemoteEncoder(configOf(url), { policy });
  await t.rejects(encoder.encodeQueries(['a']), {
    code: 'SSP_EMBEDDINGS_UNREACHABLE',
    message: /no reply within 1000 ms/,
  });
  const patient = await openRemoteEncoder(configOf(url), { policy: fast });
  const controller = new AbortController();
  const waiting = patient.encodeQueries(['a'], controller.signal);
  controller.abort(new Error('enough'));
  await t.rejects(waiting, /enough/);
});

test('several servers share the texts, and the order is kept', async (t) => {
  const servers = await Promise.all([1, 2, 3].map(() => serve(t, answer)));
  const url = servers.map((server) => server.url).join(',');
  const encoder = await openRemoteEncoder(configOf(url), { policy: fast });
  const texts = Array.from({ length: 2000 }, (_, i) => 'x'.repeat((i % 97) + 1));
  const { vectors_N_D } = await encoder.encodeQueries(texts);
  texts.forEach((text, i) => {
    const [a = 0, b = 0] = vectorOf(text);
    if (Math.abs((vectors_N_D[2 * i] ?? 0) - a / Math.hypot(a, b)) > 1e-6) t.fail(`text ${i}`);
  });
  for (const { bodies } of servers) t.ok(bodies.length > 4, `${bodies.length} requests`);
});

test('a server that dies is left out with a note, and no text is lost', async (t) => {
  const lasting = await serve(t, answer);
  let calls = 0;
  const dying = await serve(t, (body, response, request) => {
    calls += 1;
    if (calls > 3) response.destroy();
    else answer(body, response, request);
  });
  const notes: string[] = [];
  const progress = { note: (text: string) => void notes.push(text) };
  const url = `${dying.url},${lasting.url}`;
  const encoder = await openRemoteEncoder(configOf(url), { policy: fast, progress });
  const texts = Array.from({ length: 1500 }, (_, i) => 'x'.repeat((i % 97) + 1));
  const { vectors_N_D } = await encoder.encodeQueries(texts);
  texts.forEach((text, i) => {
    const [a = 0, b = 0] = vectorOf(text);
    if (Math.abs((vectors_N_D[2 * i] ?? 0) - a / Math.hypot(a, b)) > 1e-6) t.fail(`text ${i}`);
  });
  t.equal(notes.length, 1);
  t.match(notes[0], `The embeddings server ${dying.url}/v1/embeddings does not answer`);
  const before = calls;
  await encoder.encodeQueries(texts);
  t.equal(calls, before, 'it is not asked again at once');
});

test('servers that do not answer at the opening are left out; of none, it is an error', async (t) => {
  const { url } = await serve(t, answer);
  const notes: string[] = [];
  const progress = { note: (text: string) => void notes.push(text) };
  const gone = 'http://127.0.0.1:9';
  const encoder = await openRemoteEncoder(configOf(`${gone},${url}`), { policy: fast, progress });
  t.equal((await encoder.encodeQueries(['a'])).vectors_N_D.length, 2);
  t.match(notes, [/127\.0\.0\.1:9.*Going on without it/]);
  await t.rejects(openRemoteEncoder(configOf(`${gone},${gone}/v1`), { policy: fast }), {
    code: 'SSP_EMBEDDINGS_UNREACHABLE',
  });
});

test('servers of different models are refused', async (t) => {
  const { url } = await serve(t, answer);
  const other = await serve(t, ({ input }, response) => {
    const data = input.map((_, index) => ({ index, embedding: [1, -1] }));
    response.end(JSON.stringify({ data }));
  });
  await t.rejects(openRemoteEncoder(configOf(`${url},${other.url}`), { policy: fast }), {
    code: 'SSP_EMBEDDINGS_INVALID',
    message: /another model/,
  });
});
