import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as FirstClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as FirstTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Test } from 'tap';
import { test } from 'tap';

import type { Service } from '../../../services/search/service.ts';
import { startService } from '../../../services/search/service.ts';
import { serviceConfig } from '../../../src/config/service.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import type { StandInOptions } from '../../material/search/stand-in-index.ts';
import { pause, standInIndex, towns } from '../../material/search/stand-in-index.ts';

interface Block {
  readonly text: string;
}
interface Reply {
  readonly content: readonly Block[];
  readonly structuredContent?: Record<string, unknown>;
  readonly isError?: boolean;
}

/** What the tests ask of a client of either major of the SDK. */
interface Agent {
  readonly call: (name: string, args: object, options?: object) => Promise<Reply>;
  readonly client: Client | FirstClient;
}

/** Clients that nobody here wrote: both majors of the SDK, the newer by both revisions it speaks. */
const clients = {
  'revision 2025-11-25': (url: string) => newClient(url, 'legacy'),
  'revision 2026-07-28': (url: string) => newClient(url, 'auto'),
  'the first SDK': firstClient,
};

async function newClient(url: string, mode: 'legacy' | 'auto'): Promise<Agent> {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  return {
    client,
    call: (name, args, options) =>
      client.callTool({ name, arguments: { ...args } }, options) as Promise<never>,
  };
}

async function firstClient(url: string): Promise<Agent> {
  const client = new FirstClient({ name: 'test', version: '1' });
  await client.connect(new FirstTransport(new URL(url)));
  return {
    client,
    call: (name, args, options) =>
      client.callTool({ name, arguments: { ...args } }, undefined, options) as Promise<never>,
  };
}

async function started(t: Test, options: StandInOptions = {}, settings = {}): Promise<Service> {
  const config = serviceConfig.parse({ port: 0, selfTestPassages: 0, ...settings });
  const index = standInIndex({ aliases: { 'Velmora town': 'Velmora' }, ...options });
  const service = await startService({
    ...{ config, progress: silentProgress, open: () => Promise.resolve(index) },
  });
  t.teardown(() => service.stop());
  await service.ready;
  return service;
}

const texts = ({ content }: Reply): string[] => content.map(({ text }) => text);

for (const [name, connect] of Object.entries(clients)) {
  test(`${name}: tools, pages, errors`, async (t) => {
    const { url } = await started(t);
    const { client, call } = await connect(`${url}/mcp`);
    t.teardown(() => client.close());

    const { tools } = await client.listTools();
    t.strictSame(
      tools.map((tool) => tool.name),
      ['search', 'read_passage', 'read_page', 'explain'],
    );
    for (const { annotations, inputSchema, outputSchema } of tools) {
      t.match(annotations, { readOnlyHint: true, idempotentHint: true, openWorldHint: false });
      t.equal(inputSchema.additionalProperties, false);
      t.ok(outputSchema, 'clients check every structured reply by it');
    }

    const progress: object[] = [];
    const found = await call(
      'search',
      { queries: ['river town', 'glass', 'xyzzy'], topK: 2 },
      { onprogress: (each: object) => progress.push(each) },
    );
    t.match(found.structuredContent, {
      mode: 'bm25',
      results: [
        {
          hits: [
            { id: '1-0', rank: 1, content: 1 },
            { id: '1-1', content: 2 },
          ],
        },
        { hits: [{ id: '1-1', section: 'Economy', content: 3 }] },
        { hits: [] },
      ],
    });
    t.match(texts(found)[0], /^3 hits for 3 queries \(bm25\)\. Nothing was found for query 3\.$/);
    t.match(
      texts(found)[3],
      /^\[2\.1\] Velmora > Economy \(id 1-1, score 1\.000\)\nThe town exports/,
    );
    t.strictSame(progress.at(-1), { progress: 3, total: 3 });

    const cut = await call('search', { query: 'monks', maxChars: 40 });
    t.match(texts(cut)[0], /Cut at maxChars: 1 text; read_passage gives more/);
    t.match(texts(await call('read_passage', { id: '4/a-0' })), [
      'AC/DC (id 4/a-0).',
      'A band. Not a town.',
    ]);

    const first = await call('read_page', { title: 'Velmora_town', maxChars: 60 });
    t.match(
      texts(first)[0],
      /^Velmora \(for Velmora town\): cut here\. Left: 94 characters, 1 passage under Economy\. Read on with cursor \S+$/,
    );
    const { cursor } = first.structuredContent as { cursor: string };
    const rest = await call('read_page', { title: 'Velmora', cursor });
    t.match(texts(rest)[2], '## Economy (id 1-1)\nThe town exports glass and salt.');
    t.match(texts(rest)[0], 'Velmora: this is the end of the page.');

    const errors: [string, object, string][] = [
      ['read_page', { title: 'Nowhere' }, 'SSP_PAGE_UNKNOWN'],
      ['read_page', { title: 'Velmora', cursor: 'garbage' }, 'SSP_CURSOR_INVALID'],
      ['read_passage', { id: '' }, 'SSP_PASSAGE_UNKNOWN'],
      ['search', {}, 'SSP_REQUEST_INVALID: .*exactly one of `query` and `queries`'],
      ['search', { quary: 'x' }, 'SSP_REQUEST_INVALID: .*did you mean "query"'],
      ['search', { query: 'x', mode: 'dense' }, 'SSP_MODE_UNAVAILABLE'],
      ['explain', { query: 'x', id: '1-0', mode: 'dense' }, 'SSP_MODE_UNAVAILABLE'],
    ];
    for (const [tool, args, message] of errors) {
      const reply = await call(tool, args);
      t.equal(reply.isError, true);
      t.match(texts(reply)[0], new RegExp(`^${message}.*\n.+`), 'what is wrong, and what to do');
    }
    await t.rejects(call('serch', {}), { code: -32602, message: /SSP_TOOL_UNKNOWN.*mean search/ });

    t.strictSame((await client.listResources()).resources, []);
    t.match((await client.listResourceTemplates()).resourceTemplates, [
      { uriTemplate: 'wiki://page/{title}' },
    ]);
    const { contents } = await client.readResource({ uri: 'wiki://page/Velmora%20town' });
    t.match(contents, [{ text: /^Velmora\n\nVelmora is a town[^]*\n\n## Economy\nThe town/ }]);
    for (const uri of ['wiki://page/Nope', 'wiki://page/%', 'wiki://page/', 'http://x/']) {
      await t.rejects(client.readResource({ uri }), { code: -32602 }, uri);
    }
  });

  test(`${name}: an aborted call aborts its search`, async (t) => {
    const ended = Promise.withResolvers<unknown>();
    const { url } = await started(t, {
      onBatch: async (_mode, _queries, signal) => {
        await pause(30_000, signal).catch(ended.resolve);
        signal?.throwIfAborted();
      },
    });
    const { client, call } = await connect(`${url}/mcp`);
    t.teardown(() => client.close());
    const stop = new AbortController();
    const call1 = call('search', { query: 'slow' }, { signal: stop.signal });
    setTimeout(() => {
      stop.abort();
    }, 100);
    await t.rejects(call1);
    t.ok(await ended.promise);
  });
}

const headers = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};
const callOf = (query: string): object => ({
  ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
  params: { name: 'search', arguments: { query } },
});

function post(
  url: string,
  body: object | string,
  more = {},
  signal?: AbortSignal,
): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const init = { method: 'POST', headers: { ...headers, ...more }, body: text };
  return fetch(`${url}/mcp`, { ...init, ...(signal && { signal }) });
}

test('what is no message is answered as JSON-RPC says, with the code of the catalogue', async (t) => {
  const { url } = await started(t, {}, { maxBodyBytes: 5000 });
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
  const cases: [object | string, number, object][] = [
    ['{bad', 400, { id: null, error: { code: -32700, data: { code: 'SSP_BODY_MALFORMED' } } }],
    ['"x"', 400, { id: null, error: { code: -32600 } }],
    [{ jsonrpc: '2.0', id: 1 }, 400, { error: { code: -32600 } }],
    ['x'.repeat(5001), 413, { error: { data: { code: 'SSP_BODY_TOO_LARGE' } } }],
    [Array(65).fill(ping), 400, { error: { data: { code: 'SSP_LIMIT_EXCEEDED' } } }],
  ];
  for (const [body, status, expected] of cases) {
    const reply = await post(url, body);
    t.equal(reply.status, status);
    t.match(await reply.json(), expected);
  }
  t.equal((await post(url, 'x', { 'content-type': 'text/plain' })).status, 415);
  t.equal((await post(url, ping, { origin: 'https://page.example' })).status, 403);
  const get = await fetch(`${url}/mcp`, { headers });
  t.equal(get.status, 405);
  t.equal(get.headers.get('allow'), 'POST');
});

test('structured texts: a text stands once, wherever it is', async (t) => {
  for (const mcpTexts of ['content', 'structured']) {
    const { url } = await started(t, {}, { mcpTexts });
    const agent = await newClient(`${url}/mcp`, 'auto');
    for (const [tool, args] of [
      ['search', { query: 'glass' }],
      ['read_passage', { id: '1-1' }],
      ['read_page', { title: 'Velmora' }],
    ] as const) {
      const reply = JSON.stringify(await agent.call(tool, args));
      t.equal(reply.split(towns[1]?.text ?? '').length, 2, `${mcpTexts}: ${tool}`);
    }
    await agent.client.close();
  }
});

test('a client that goes takes its search along; calls are counted', async (t) => {
  const ended = Promise.withResolvers<unknown>();
  const { url } = await started(t, {
    onBatch: async (_mode, [query], signal) => {
      if (query === 'slow') await pause(30_000, signal).catch(ended.resolve);
    },
  });
  const gone = new AbortController();
  const reply = post(url, callOf('slow'), {}, gone.signal);
  await Promise.race([reply, sleep(200)]);
  gone.abort();
  t.ok(await ended.promise);
  await reply.catch(() => undefined);
  await (await post(url, callOf('glass'))).text();
  const metrics = await (await fetch(`${url}/metrics`)).text();
  t.match(metrics, 'ssp_requests_total{route="/mcp",method="POST",status="200"}');
  t.match(metrics, 'ssp_mcp_tool_calls_total{tool="search",result="ok"} 1');
});

test('a service that stops finishes the calls under way', async (t) => {
  const begun = Promise.withResolvers<undefined>();
  const service = await started(t, {
    onBatch: async () => {
      begun.resolve(undefined);
      await pause(300);
    },
  });
  const reply = post(service.url, callOf('glass'));
  await begun.promise;
  const stopped = service.stop();
  t.match(await (await reply).text(), 'The town exports glass');
  await stopped;
});

test('a search that takes too long, and one too many, are errors of the tool', async (t) => {
  const settings = { searchTimeoutMs: 150, maxQueued: 1, batchQueries: 1, parallelBatches: 1 };
  const gate = new EventTarget();
  const { url } = await started(
    t,
    {
      onBatch: async () => {
        await once(gate, 'open');
      },
    },
    settings,
  );
  const replies = await Promise.all(
    ['one', 'two', 'three'].map(async (query) => (await post(url, callOf(query))).text()),
  );
  t.match(replies.filter((text) => text.includes('SSP_SEARCH_TIMEOUT')).length, 2);
  t.match(replies.filter((text) => text.includes('SSP_OVERLOADED')).length, 1);
  gate.dispatchEvent(new Event('open'));
});
