import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import t, { test } from 'tap';

import { ssp } from '../../material/cli/ssp.ts';
import { buildIndexOf, serveIndex } from '../../material/search/served-index.ts';
import { towns } from '../../material/search/stand-in-index.ts';

t.setTimeout(600_000); // several processes, on whatever machine this is

const entry = fileURLToPath(new URL('../../../src/cli/ssp.mjs', import.meta.url));
const index = await buildIndexOf(t.testdir(), towns);

interface Reply {
  readonly content: readonly { readonly text: string }[];
  readonly structuredContent?: Record<string, unknown>;
}

const hello = {
  ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
  params: {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'x', version: '1' },
  },
};
const call = (id: number, name: string, args: object): object => ({
  ...{ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } },
});

test('an agent of the SDK is told the same by an index and by a service', async (t) => {
  const service = await serveIndex(index, [], { SSP_TOKEN: 'a-token-of-the-tests' });
  t.teardown(() => service.stop());
  const answers = await Promise.all(
    [
      ['--index', index],
      ['--search-url', new URL(service.url).host],
    ].map(async (args) => {
      const client = new Client({ name: 'test', version: '1' });
      const env = { ...process.env, SSP_TOKEN: 'a-token-of-the-tests' } as Record<string, string>;
      const command = { command: process.execPath, args: [entry, 'mcp', ...args], env };
      await client.connect(new StdioClientTransport({ ...command, stderr: 'ignore' }));
      const replies: Reply[] = [];
      for (const [name, given] of [
        ['search', { queries: ['river town', 'glass'] }],
        ['read_page', { title: 'AC/DC', maxChars: 20 }],
        ['read_page', { title: 'Žižkov? 100%' }],
        ['read_passage', { id: '4/a-0' }],
        ['explain', { query: 'glass and salt', id: '1-1' }],
        ['read_page', { title: 'Nowhere' }],
        ['search', { query: 'x', mode: 'dense' }],
      ] as const) {
        replies.push((await client.callTool({ name, arguments: given })) as never);
      }
      await client.close();
      for (const { structuredContent } of replies) delete structuredContent?.['timings'];
      return replies;
    }),
  );
  t.strictSame(answers[0], answers[1]);
  t.match(
    answers[0]?.map(({ content }) => content[0]?.text),
    [
      /^4 hits for 2 queries/,
      /^AC\/DC: this is the end of the page/,
      /^Žižkov/,
      /^AC\/DC \(id/,
      /^Passage 1-1 has the score [\d.]+ \(bm25\)/,
      /^SSP_PAGE_UNKNOWN/,
      /^SSP_MODE_UNAVAILABLE/,
    ],
  );
  const score = Number(answers[0]?.[4]?.structuredContent?.['score']);
  const found = await ssp(['search', '--index', index, 'glass and salt', '--json']);
  t.match(found.stdout, `"score": ${score}`, 'the score of the search itself');
});

test('messages that are piped in are answered; output is the protocol alone', async (t) => {
  const messages = [hello, call(2, 'search', { query: 'glass' }), call(3, 'serch', {})];
  const { code, stdout, stderr } = await piped(
    ['--index', index],
    `${messages.map((each) => JSON.stringify(each)).join('\n')}\n{"no": "message"}\n`,
  );
  t.equal(code, 0);
  const replies = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: number });
  t.match(
    replies.sort((a, b) => a.id - b.id),
    [{ id: 1 }, { id: 2, result: { structuredContent: {} } }, { id: 3, error: { code: -32602 } }],
  );
  t.match(stderr, 'not understood');
});

test('wrong uses and ends have codes', async (t) => {
  const cases: [string[], number, RegExp][] = [
    [[], 2, /SSP_USAGE: give exactly one of --index and --search-url/],
    [['--index', 'nowhere'], 2, /SSP_FILE_NOT_FOUND/],
    [['--search-url', 'http://x y'], 2, /--search-url .*http:\/\/x y.* is invalid/],
    [['--search-url', 'localhost:9', '--mode', 'bm25'], 2, /SSP_USAGE: --mode: the service/],
  ];
  for (const [args, exitCode, message] of cases) {
    const { code, stdout, stderr } = await piped(args);
    t.equal(code, exitCode, args.join(' '));
    t.match(stderr, message);
    t.equal(stdout, '');
  }
  const huge = await piped(['--search-url', 'localhost:9'], 'x'.repeat(17_000_000));
  t.match(huge, { code: 2, stderr: /SSP_BODY_TOO_LARGE/ });
  const away = await piped(
    ['--search-url', 'localhost:9'],
    `${[hello, call(2, 'search', { query: 'x' })].map((each) => JSON.stringify(each)).join('\n')}\n`,
  );
  t.match(away, { code: 0, stdout: /SSP_SERVICE_UNREACHABLE/ });
  const stopped = await piped(['--index', index], undefined, 'SIGTERM');
  t.match(stopped, { code: 0, stdout: '' });
});

/** Runs `ssp mcp` with `input`, which ends; without one it stays open until `signal` is sent. */
async function piped(
  args: readonly string[],
  input = '',
  signal?: NodeJS.Signals,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [entry, 'mcp', ...args], { stdio: 'pipe' });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => (stdout += String(data)));
  child.stderr.on('data', (data) => (stderr += String(data)));
  child.stdin.on('error', () => undefined); // it may end before it has read everything
  const exited = once(child, 'close') as Promise<[number | null]>;
  if (signal === undefined) {
    child.stdin.end(input);
  } else {
    child.stdin.write(`${JSON.stringify(hello)}\n`);
    await once(child.stdout, 'data');
    stdout = '';
    child.kill(signal);
  }
  return { code: (await exited)[0], stdout, stderr };
}
