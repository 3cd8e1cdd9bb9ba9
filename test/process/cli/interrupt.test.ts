import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import type { Test } from 'tap';
import { test } from 'tap';

import { tinyPolicyFolder } from '../../../src/models/shipped.ts';

const entry = fileURLToPath(new URL('../../../src/cli/ssp.mjs', import.meta.url));

/** Runs a command with the address of a server that never answers; Ctrl-C once it has been asked. */
async function interrupted(t: Test, argsFor: (url: string) => readonly string[]) {
  const server = createServer();
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const child = spawn(process.execPath, [entry, ...argsFor(url)]);
  const stderr = text(child.stderr);
  const ended = once(child, 'exit') as Promise<[number]>;
  await Promise.race([once(server, 'request'), ended]);
  child.kill('SIGINT');
  const [code] = await ended;
  return { code, stderr: await stderr };
}

test('Ctrl-C during a request is an interruption, not a failure of the service', async (t) => {
  const { code, stderr } = await interrupted(t, (url) => ['search', '--url', url, 'anything']);
  t.equal(code, 130);
  t.match(stderr, /error SSP_INTERRUPTED/);
});

test('a training that had not begun is not resumed but begun', async (t) => {
  const folder = t.testdir({ 'seeds.jsonl': '{"ground_truth": "Titan", "search_turns": 2}' });
  const { code, stderr } = await interrupted(t, (url) => [
    ...['train', '--run', join(folder, 'run'), '--seeds', join(folder, 'seeds.jsonl')],
    ...['--policy-model', tinyPolicyFolder, '--search-url', url, '--policy-url', url],
  ]);
  t.equal(code, 130);
  t.match(
    stderr,
    /error SSP_INTERRUPTED: .*had not begun\.\n {2}Run the same command again: it begins/,
  );
});
