import t, { test } from 'tap';

import { main } from '../../../src/cli/main.ts';
import { openIndex } from '../../../src/retrieval/open-index.ts';
import { ssp } from '../../material/cli/ssp.ts';
import { buildIndexOf, serveIndex } from '../../material/search/served-index.ts';
import { towns } from '../../material/search/stand-in-index.ts';

t.setTimeout(600_000); // several processes, on whatever machine this is

const folder = await buildIndexOf(t.testdir(), towns);

interface Retrieved {
  readonly result: readonly (readonly { readonly document: { id: string }; score: number }[])[];
}

test('serve and search over a real index', async (t) => {
  const service = await serveIndex(folder, ['--request-log']);
  t.teardown(() => service.stop());
  const queries = ['river town', 'glass', '', 'xyzzy'];

  await t.test('the service gives what the index itself gives', async (t) => {
    const index = await openIndex(folder);
    const direct = await index.retriever('bm25').search(queries, { topK: 2 });
    await index.close();
    const reply = await fetch(`${service.url}/retrieve`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-ssp-run': 'run-7/step-1' },
      body: JSON.stringify({ queries, topk: 2, return_scores: true }),
    });
    t.equal(reply.headers.get('x-ssp-run'), 'run-7/step-1');
    const { result } = (await reply.json()) as Retrieved;
    t.strictSame(
      result.map((hits) => hits.map(({ document, score }) => [document.id, score])),
      direct.map(({ hits }) => hits.map(({ id, score }) => [id, score])),
    );
    t.ok((result[0]?.length ?? 0) === 2 && result[1]?.length === 1, 'something was found');
  });

  await t.test('ssp search says the same of the folder and of the service', async (t) => {
    const words = ['glass', 'and', 'salt', '--top-k', '1', '--json'];
    const local = await ssp(['search', '--index', folder, ...words]);
    const remote = await ssp(['search', '--url', `${service.url}/`, ...words]);
    t.equal(local.exitCode, 0);
    t.equal(remote.exitCode, 0);
    const [one, two] = [local, remote].map(
      ({ stdout }) => JSON.parse(stdout) as { mode: string; results: unknown },
    );
    t.match(one, { mode: 'bm25', results: [{ hits: [{ id: '1-1', rank: 1 }] }] });
    t.strictSame(one?.results, two?.results);
    const readable = await ssp(['search', '--index', folder, 'glass']);
    t.match(
      readable.stdout,
      /^1\. Velmora\n {3}The town exports glass and salt\.\n {3}\(score [\d.]+, id 1-1\)/,
    );
  });

  await t.test('wrong uses are errors with a code and exit code', async (t) => {
    const cases: [string[], number, RegExp][] = [
      [['search', 'x'], 2, /SSP_USAGE: give exactly one/],
      [['search', '--url', service.url, '--mode', 'dense', 'x'], 3, /SSP_MODE_UNAVAILABLE/],
      [['search', '--url', 'http://127.0.0.1:9', 'x'], 3, /SSP_SERVICE_UNREACHABLE/],
      [['search', '--index', folder, '--top-k', '5000', 'x'], 2, /SSP_LIMIT_EXCEEDED/],
      [['search', '--index', 'nowhere', 'x'], 2, /SSP_FILE_NOT_FOUND/],
      [['serve', '--index', 'nowhere', '--port', '0'], 2, /SSP_FILE_NOT_FOUND/],
      [
        ['serve', '--index', folder, '--port', new URL(service.url).port],
        2,
        /SSP_ADDRESS_UNAVAILABLE/,
      ],
      [['serve', '--index', folder, '--host', '0.0.0.0'], 2, /SSP_TOKEN_REQUIRED/],
      [
        ['serve', '--index', folder, '--allow', '10.0.0.1/8'],
        2,
        /SSP_CONFIG_INVALID: .*10\.0\.0\.0/,
      ],
      [['serve', '--index', folder, '--allow', '10.0.0.0/8'], 2, /SSP_ALLOW_USELESS/],
      [['serve', '--index', folder, '--query-log', '/dev/null/x'], 3, /SSP_FILE_SYSTEM/],
      [['queries', 'nowhere'], 2, /SSP_FILE_NOT_FOUND: There is no query log/],
      [['serve', '--index', folder, '--port', '0', '--mode', 'dense'], 2, /SSP_MODE_UNAVAILABLE/],
    ];
    for (const [args, exitCode, message] of cases) {
      const output = t.capture(process.stdout, 'write', () => true);
      const errors = t.capture(process.stderr, 'write', () => true);
      const given = await main(args);
      output.restore();
      errors.restore();
      t.equal(given, exitCode, args.join(' '));
      t.match(
        errors()
          .map(({ args: [text] }) => text)
          .join(''),
        message,
      );
    }
  });

  t.equal(await service.stop('SIGTERM'), 0, 'SIGTERM ends it with 0');
  t.match(service.stderr(), /"url":"\/retrieve","status":200,"ms":[\d.]+,"run":"run-7\/step-1"/);
});

test('a token is asked for on other addresses; Ctrl-C ends with 0', async (t) => {
  const token = 'a-token-of-some-length';
  const service = await serveIndex(folder, ['--host', '0.0.0.0'], { SSP_TOKEN: token });
  t.teardown(() => service.stop());
  const url = service.url.replace('0.0.0.0', '127.0.0.1');
  t.equal((await fetch(`${url}/v1/pages/Sarn`)).status, 401);
  const headers = { authorization: `Bearer ${token}` };
  t.equal((await fetch(`${url}/v1/pages/Sarn`, { headers })).status, 200);
  t.equal((await fetch(`${url}/readyz`)).status, 200);
  t.equal(await service.stop('SIGINT'), 0);
});
