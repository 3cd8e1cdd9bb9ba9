import { once } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { Validator } from '@seriousme/openapi-schema-validator';
import type { Test } from 'tap';
import { test } from 'tap';

import { toolVersion } from '../../../src/version.ts';

/** A real service whose loading goes on when the contract says so. */
export interface HeldService {
  readonly url: string;
  finishLoading(): Promise<void>;
}

/** What differs between the services. */
export interface ServiceFacts {
  readonly name: string;
  /** Routes that keep OpenAI's error body. */
  readonly openAiPaths: readonly string[];
  /** Routes of the Model Context Protocol, whose errors are JSON-RPC's and carry the catalogue's. */
  readonly jsonRpcPaths: readonly string[];
  /** Why it is not tested, or false. */
  readonly skip: string | false;
}

export const token = 'a-token-of-some-length';
/** What the services are started with. */
export const webAccess = {
  allowedHosts: ['service.lan', 'other.lan'],
  allowedOrigins: ['https://ui.lan'],
};

const contentTypes = { json: /^application\/json\b/, metrics: 'text/plain; version=0.0.4' };
const aliases = { '/healthz': '/health', '/readyz': '/ready' };
const openPaths = ['/', '/healthz', '/health', '/readyz', '/ready'];
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const stageKeys = new Set(['name', 'unit', 'done', 'total', 'ended']);

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Undefined where it is no JSON. */
  readonly json: Record<string, unknown> | undefined;
}

interface Operation {
  readonly summary: string;
  readonly requestBody?: { readonly required: boolean };
}

/** Of an OpenAPI document: operations by path and method. */
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

/**
 * What holds of every service of the project. `start` gives one that asks for `token`, is loading,
 * and ends with the test.
 */
export function serviceContract(
  facts: ServiceFacts,
  start: (t: Test) => Promise<HeldService>,
): void {
  test(facts.name, { skip: facts.skip }, async (t) => {
    const held = await start(t);
    const service = new Asked(held.url, facts);
    await t.test('while it loads', (t) => checkLoading(t, service));
    await held.finishLoading();
    await t.test('when it is ready', (t) => checkReady(t, service));
    await t.test('the token', (t) => checkToken(t, service));
    await t.test('the first page', (t) => checkFirstPage(t, service));
    await t.test('metrics', (t) => checkMetrics(t, service));
    await t.test('the OpenAPI document', (t) => checkDocument(t, service));
    await t.test('methods', (t) => checkMethods(t, service));
    await t.test('unknown routes', (t) => checkUnknownRoutes(t, service));
    await t.test('bodies that are no JSON', (t) => checkBodies(t, service));
    await t.test('content types', (t) => checkContentTypes(t, service));
    await t.test('the name it is asked by', (t) => checkHosts(t, service));
    await t.test('web pages', (t) => checkOrigins(t, service));
  });
}

/** Sends requests to one service. */
class Asked {
  readonly #url: string;
  readonly #facts: ServiceFacts;

  constructor(url: string, facts: ServiceFacts) {
    this.#url = url;
    this.#facts = facts;
  }

  async ask(
    path: string,
    {
      method = 'GET',
      body,
      authorization = `Bearer ${token}`,
      type = 'application/json',
    }: Asking = {},
  ): Promise<Reply> {
    const headers = { authorization, ...(type === null ? {} : { 'content-type': type }) };
    const init = { method, headers, ...(body === undefined ? {} : { body }) };
    const response = await fetch(`${this.#url}${path}`, init);
    const text = await response.text();
    const isJson = contentTypes.json.test(response.headers.get('content-type') ?? '');
    const json = isJson && text !== '' ? (JSON.parse(text) as Reply['json']) : undefined;
    return { status: response.status, headers: response.headers, text, json };
  }

  /** Sends these headers and no others, as a browser or an odd client would. */
  async send(path: string, headers: OutgoingHttpHeaders, method = 'GET'): Promise<Reply> {
    const url = new URL(path, this.#url);
    const sent = request(url, { method, headers, setHost: false, agent: false }).end();
    const [message] = (await once(sent, 'response')) as [IncomingMessage];
    const text = Buffer.concat(await message.toArray()).toString();
    const json = text === '' ? undefined : (JSON.parse(text) as Reply['json']);
    const given = Object.entries(message.headers).map(([name, value]) => [name, String(value)]);
    return {
      status: message.statusCode ?? 0,
      headers: new Headers(Object.fromEntries(given) as Record<string, string>),
      ...{ text, json },
    };
  }

  /** The first line that comes back for raw bytes. */
  async exchange(head: string): Promise<string> {
    const socket = connect(Number(this.port), '127.0.0.1');
    socket.write(head);
    const [data] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    return data.toString().split('\r\n')[0] ?? '';
  }

  get port(): string {
    return new URL(this.#url).port;
  }

  async document(): Promise<{ paths: Paths }> {
    return (await this.ask('/openapi.json')).json as { paths: Paths };
  }

  /** Checks an error with a code that ends in `code`, in the dialect of its path. */
  checkError(t: Test, path: string, { status, json }: Reply, expected: number, code: string): void {
    const shown = `${path}: ${code}`;
    t.equal(status, expected, shown);
    const error = this.#errorIn(t, path, json ?? {});
    t.match(error['code'], new RegExp(`^SSP_(POLICY_)?${code}$`), shown);
    for (const key of ['message', 'remedy']) t.match(error[key], /^\S.*[^{}]$/s, `${shown} ${key}`);
    t.type(error['details'], Object, shown);
  }

  /** Whether the route takes JSON-RPC: `{}` is no message of it, and its handshake needs no index yet. */
  speaksJsonRpc(path: string): boolean {
    return this.#facts.jsonRpcPaths.includes(path);
  }

  /** The catalogue's error, out of the frame of the path's dialect. A path refuses what is no POST in none. */
  #errorIn(t: Test, path: string, json: Record<string, unknown>): Record<string, unknown> {
    const framed = json['error'] as Record<string, unknown> | undefined;
    if (this.#facts.openAiPaths.includes(path)) {
      t.strictSame(Object.keys(json), ['error'], path);
      return framed ?? {};
    }
    const isRpc = this.speaksJsonRpc(path) && 'jsonrpc' in json;
    if (isRpc) t.strictSame(Object.keys(json).sort(), ['error', 'id', 'jsonrpc'], path);
    const error = isRpc ? ((framed?.['data'] ?? {}) as Record<string, unknown>) : json;
    t.strictSame(Object.keys(error).sort(), ['code', 'details', 'message', 'remedy'], path);
    return error;
  }
}

interface Asking {
  readonly method?: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly authorization?: string;
  /** Of the body; null sends none. */
  readonly type?: string | null;
}

async function checkLoading(t: Test, service: Asked): Promise<void> {
  const health = await service.ask('/healthz');
  t.equal(health.status, 200);
  t.match(health.json, { status: 'ok', version: toolVersion });
  const loading = await service.ask('/readyz');
  t.equal(loading.status, 503);
  t.match(loading.headers.get('retry-after'), /^[1-9]\d*$/);
  t.match(loading.json, { status: 'loading', detail: /^loading \(.+\)$/ });
  t.notOk('error' in (loading.json ?? {}));
  checkStages(t, loading, false);
  t.equal((await service.ask('/')).json?.['status'], 'loading');
  await checkAliases(t, service);
  for (const [path, operations] of Object.entries((await service.document()).paths)) {
    if (!('post' in operations) || service.speaksJsonRpc(path)) continue;
    const reply = await service.ask(path, { method: 'POST', body: '{}' });
    service.checkError(t, path, reply, 503, 'NOT_READY');
    t.match(reply.headers.get('retry-after'), /^[1-9]\d*$/);
  }
}

async function checkReady(t: Test, service: Asked): Promise<void> {
  let ready = await service.ask('/readyz');
  while (ready.json?.['status'] === 'loading') {
    await sleep(20);
    ready = await service.ask('/readyz');
  }
  t.equal(ready.status, 200);
  t.match(ready.json, { status: 'ready', detail: 'ready' });
  t.notOk('error' in (ready.json ?? {}));
  checkStages(t, ready, true);
  t.match((await service.ask('/healthz')).json, { status: 'ok', version: toolVersion });
  await checkAliases(t, service);
}

function checkStages(t: Test, { json }: Reply, areEnded: boolean): void {
  const stages = json?.['stages'] as Record<string, unknown>[];
  t.ok(stages.length > 0);
  for (const stage of stages) {
    t.match(stage, { name: /\S/, unit: /\S/, done: Number, ended: Boolean });
    t.ok(Object.keys(stage).every((key) => stageKeys.has(key)));
  }
  t.equal(
    stages.every(({ ended }) => ended),
    areEnded,
    areEnded ? 'every stage has ended' : 'something is being done',
  );
}

async function checkAliases(t: Test, service: Asked): Promise<void> {
  for (const [path, alias] of Object.entries(aliases)) {
    const [own, other] = [await service.ask(path), await service.ask(alias)];
    t.equal(other.status, own.status, alias);
    t.strictSame(other.json, own.json, alias);
  }
}

async function checkToken(t: Test, service: Asked): Promise<void> {
  for (const [path, operations] of Object.entries((await service.document()).paths)) {
    const method = Object.keys(operations)[0]?.toUpperCase() ?? '';
    const reply = await service.ask(path, { method, authorization: 'Bearer wrong' });
    if (openPaths.includes(path)) {
      t.equal(reply.status, 200, path);
    } else {
      service.checkError(t, path, reply, 401, 'UNAUTHORIZED');
      t.equal(reply.headers.get('www-authenticate'), 'Bearer');
    }
  }
  for (const path of ['/nowhere', '/healthz/', '/v1']) {
    const reply = await service.ask(path, { authorization: '' });
    service.checkError(t, path, reply, 401, 'UNAUTHORIZED');
  }
}

async function checkFirstPage(t: Test, service: Asked): Promise<void> {
  const { status, json } = await service.ask('/');
  t.equal(status, 200);
  t.match(json, {
    service: /^ssp \w+ service$/,
    version: toolVersion,
    status: 'ready',
    access: /token/,
    example: /^curl -s http:.*\/v1\//,
    documents: {
      tasks: 'docs/tasks.md',
      openapi: '/openapi.json',
      guide: /^docs\/.*\.md$/,
      errors: 'ERRORS.md',
    },
  });
  const documented = Object.entries((await service.document()).paths).flatMap(
    ([path, operations]) =>
      Object.entries(operations).map(([method, { summary }]): [string, string] => [
        `${method.toUpperCase()} ${path}`,
        summary,
      ]),
  );
  const old = Object.values(aliases).map((path) => `GET ${path}`);
  const named = documented.filter(([name]) => !old.includes(name));
  t.strictSame(json?.['routes'], Object.fromEntries(named));
}

async function checkMetrics(t: Test, service: Asked): Promise<void> {
  const { status, headers, text } = await service.ask('/metrics');
  t.equal(status, 200);
  t.equal(headers.get('content-type'), `${contentTypes.metrics}; charset=utf-8`);
  t.match(text, /^# HELP ssp_\w+/m);
  t.match(text, /^ssp_\w*requests_total\{[^}]*route="\/readyz"[^}]*\} \d/m);
}

async function checkDocument(t: Test, service: Asked): Promise<void> {
  const document = await service.document();
  const validator = new Validator();
  t.strictSame(await validator.validate(document), { valid: true });
  t.equal(validator.version, '3.1');
  t.notMatch(JSON.stringify(validator.resolveRefs()), /"\$ref"/, 'every name is defined');
  t.match(document, { info: { version: toolVersion } });
  for (const path of [...openPaths, '/metrics', '/openapi.json'])
    t.ok(path in document.paths, path);
  const open = Object.entries(document.paths).filter(([, operations]) =>
    Object.values(operations).some((operation) => !('security' in operation)),
  );
  t.strictSame(open.map(([path]) => path).sort(), openPaths.toSorted());
}

/** Each path takes what is documented, and HEAD where it takes GET; 405 names what it takes. */
async function checkMethods(t: Test, service: Asked): Promise<void> {
  for (const [template, operations] of Object.entries((await service.document()).paths)) {
    const path = template.replace(/\{\w+\}/, 'x');
    const taken = Object.keys(operations).map((method) => method.toUpperCase());
    const allowed = [...taken, ...(taken.includes('GET') ? ['HEAD'] : [])].sort();
    for (const method of methods.filter((each) => !taken.includes(each))) {
      const reply = await service.ask(path, { method });
      service.checkError(t, path, reply, 405, 'METHOD_NOT_ALLOWED');
      t.equal(reply.headers.get('allow'), allowed.join(', '), `${method} ${path}`);
    }
    const head = await service.ask(path, { method: 'HEAD' });
    t.equal(head.text, '', `HEAD ${path}`);
    const expected = taken.includes('GET') ? (await service.ask(path)).status : 405;
    t.equal(head.status, expected, `HEAD ${path}`);
  }
}

async function checkUnknownRoutes(t: Test, service: Asked): Promise<void> {
  for (const method of ['GET', 'POST', 'DELETE']) {
    const reply = await service.ask('/v1/nothing-like-it', { method });
    service.checkError(t, '/v1/nothing-like-it', reply, 404, 'ROUTE_UNKNOWN');
    t.match(reply.json?.['details'], { method, path: '/v1/nothing-like-it', hint: '' });
    t.match(reply.json, { remedy: 'GET /openapi.json lists every route.' });
  }
  const near = await service.ask('/metrcs');
  service.checkError(t, '/metrcs', near, 404, 'ROUTE_UNKNOWN');
  t.match(near.json?.['message'], /Did you mean \/metrics\?$/);
  const head = await service.ask('/v1/nothing-like-it', { method: 'HEAD' });
  t.equal(head.status, 404);
  t.equal(head.text, '');
}

async function checkBodies(t: Test, service: Asked): Promise<void> {
  for (const [path, operations] of Object.entries((await service.document()).paths)) {
    if (!('post' in operations)) continue;
    for (const body of ['{', '{"a": 1', 'null,']) {
      const reply = await service.ask(path, { method: 'POST', body });
      service.checkError(t, path, reply, 400, 'BODY_MALFORMED');
    }
    if (service.speaksJsonRpc(path)) continue;
    const unknown = await service.ask(path, { method: 'POST', body: '{"no_such_field": 1}' });
    service.checkError(t, path, unknown, 400, 'REQUEST_INVALID');
  }
}

/** A page sends what is no JSON without asking; so does a client that forgot to say what it sends. */
async function checkContentTypes(t: Test, service: Asked): Promise<void> {
  const simple = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'];
  const body = new TextEncoder().encode('{}'); // fetch names the type of a text by itself
  for (const [path, { post }] of Object.entries((await service.document()).paths)) {
    if (post === undefined) continue;
    for (const type of [...simple, 'application/jsonp', null]) {
      const reply = await service.ask(path, { method: 'POST', body, type });
      service.checkError(t, path, reply, 415, 'CONTENT_TYPE');
    }
    for (const type of ['application/json; charset=utf-8', 'APPLICATION/JSON']) {
      const reply = await service.ask(path, { method: 'POST', body, type });
      t.not(reply.status, 415, `${path}: ${type}`);
    }
    for (const type of ['application/json', null]) {
      const reply = await service.ask(path, { method: 'POST', type });
      if (post.requestBody?.required !== true) t.equal(reply.status, 200, path);
      else service.checkError(t, path, reply, 400, 'BODY_MALFORMED');
    }
    const typed = await service.ask(path, { method: 'POST', type: 'text/plain' });
    service.checkError(t, path, typed, 415, 'CONTENT_TYPE');
  }
}

const ownHosts = [
  ...['localhost', 'LOCALHOST:1', 'localhost.', 'localhost.:80', '127.0.0.1', '127.9.9.9:5'],
  ...['127.1:80', '[::1]', '[::1]:99', '[0:0::1]', '[::ffff:127.0.0.1]:8', '[::FFFF:7f00:1]'],
  ...['service.lan', 'Other.LAN.:443'],
];
const foreignHosts = [
  ...['evil.example', 'evil.example:80', 'localhost.evil.example', '127.0.0.1.evil.example'],
  ...['10.0.0.1', '128.0.0.1', '0.0.0.0', '[::2]', '[::ffff:10.0.0.1]', '::1', '[::1', 'lan'],
  ...['service.lan.evil.example', 'x@localhost', 'localhost/x', 'localhost:80:80', 'local%68ost'],
  ...['evil.example#localhost', 'localhost evil.example', 'localhost, evil.example', ':80', ''],
];

async function checkHosts(t: Test, service: Asked): Promise<void> {
  for (const path of ['/', '/healthz', '/readyz']) {
    for (const host of ownHosts) {
      t.equal((await service.send(path, { host })).status, 200, `${path} of ${host}`);
    }
    for (const host of foreignHosts) {
      service.checkError(t, path, await service.send(path, { host }), 403, 'HOST_REFUSED');
    }
  }
  const authorization = `Bearer ${token}`;
  for (const [path, operations] of Object.entries((await service.document()).paths)) {
    const method = Object.keys(operations)[0]?.toUpperCase();
    const reply = await service.send(path, { host: 'evil.example', authorization }, method);
    service.checkError(t, path, reply, 403, 'HOST_REFUSED');
  }
  t.match(await service.exchange('GET /healthz HTTP/1.0\r\n\r\n'), / 200 /);
  t.match(await service.exchange('GET /healthz HTTP/1.0\r\nhost: evil.example\r\n\r\n'), / 403 /);
  t.match(await service.exchange('GET /healthz HTTP/1.1\r\n\r\n'), / 400 /);
  const two = 'host: localhost\r\nhost: evil.example\r\n';
  t.match(await service.exchange(`GET /healthz HTTP/1.1\r\n${two}\r\n`), / 400 /);
}

/** A page of another origin is refused, whatever it asks; one that is named gets CORS. */
async function checkOrigins(t: Test, service: Asked): Promise<void> {
  const authorization = `Bearer ${token}`;
  const host = `127.0.0.1:${service.port}`;
  const foreign = [
    ...['https://evil.example', `http://127.0.0.1:1`, `http://localhost:${service.port}`, 'null'],
    ...['https://ui.lan.evil.example', 'http://ui.lan', 'https://ui.lan:8443', 'file://', 'x', ''],
    ...[`https://evil.example, http://${host}`, `http://${host}@evil.example`],
  ];
  for (const [path, operations] of Object.entries((await service.document()).paths)) {
    const method = Object.keys(operations)[0]?.toUpperCase();
    for (const origin of foreign) {
      const reply = await service.send(path, { host, origin, authorization }, method);
      service.checkError(t, path, reply, 403, 'ORIGIN_REFUSED');
      t.notOk(reply.headers.has('access-control-allow-origin'));
    }
  }
  const own = await service.send('/healthz', { host, origin: `http://${host}` });
  t.equal(own.status, 200);
  t.notOk(own.headers.has('access-control-allow-origin'), 'it needs no leave');
  const ask = { 'access-control-request-method': 'POST' };
  const asked = { 'access-control-request-headers': 'authorization,content-type,x-y' };
  const [path = ''] = Object.entries((await service.document()).paths)
    .filter(([, operations]) => 'post' in operations)
    .map(([each]) => each);
  const beforehand = { host, ...ask, ...asked };
  const refused = await service.send(path, { ...beforehand, origin: 'https://a.b' }, 'OPTIONS');
  service.checkError(t, path, refused, 403, 'ORIGIN_REFUSED');
  const [origin = ''] = webAccess.allowedOrigins;
  const allowed = await service.send(path, { ...beforehand, origin }, 'OPTIONS');
  t.equal(allowed.status, 204, 'without the token, which a browser does not send beforehand');
  t.equal(allowed.headers.get('access-control-allow-origin'), origin);
  t.equal(allowed.headers.get('access-control-allow-headers'), 'authorization,content-type,x-y');
  t.match(allowed.headers.get('access-control-allow-methods'), /\bPOST\b/);
  const given = await service.send('/metrics', { host, origin });
  service.checkError(t, '/metrics', given, 401, 'UNAUTHORIZED');
  t.equal(given.headers.get('access-control-allow-origin'), origin, 'a page can read the error');
  t.match(given.headers.get('vary'), /origin/i);
}
