import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Test } from 'tap';
import { test } from 'tap';

import { requestWithRetry } from '../../../src/clients/retry.ts';
import { pingOf, ServiceWatch } from '../../../src/clients/service-watch.ts';

const never = new AbortController().signal;
const once1 = { attempts: 1, firstWaitMs: 1, longestWaitMs: 1, timeoutMs: 600_000 };

/** A server in a process of its own, which answers after as many milliseconds as the path says. */
async function slowServer(t: Test) {
  const program = `
    const server = require('node:http').createServer((request, response) => {
      setTimeout(() => response.end('done'), Number(request.url.slice(1)) || 0);
    });
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, url: `http://127.0.0.1:${String(port).trim()}` };
}

function watched(url: string, patienceMs: number, ping = pingOf(url)) {
  const notes: string[] = [];
  const note = (text: string): void => void notes.push(text);
  const watch = new ServiceWatch({
    ...{ service: 'the slow service', url, patienceMs, note, lookEveryMs: 50, firstNoteMs: 100 },
    ping,
  });
  const ask = (path: string, signal: AbortSignal = never): Promise<string> =>
    watch.during(path, signal, (ends) =>
      requestWithRetry(`${url}/${path}`, {}, once1, (response) => response.text(), ends),
    );
  return { notes, ask };
}

test('a service that lives is waited for, however long a call takes', async (t) => {
  const { url } = await slowServer(t);
  const { ask } = watched(url, 300);
  t.equal(await ask('1200'), 'done', 'four times the patience');
});

test('a stopped one is given up in every call, fails at once, and is taken up when it goes on', async (t) => {
  const { child, url } = await slowServer(t);
  const { ask, notes } = watched(url, 450);
  child.kill('SIGSTOP');
  const calls = await Promise.allSettled([ask('0'), ask('0'), ask('1')]);
  for (const call of calls) {
    t.match(call, {
      status: 'rejected',
      reason: {
        code: 'SSP_SERVICE_SILENT',
        message: /No sign of life from the slow service .* it was asked for 0 x 2, 1\./,
      },
    });
  }
  t.match(notes, [/^waiting for the slow service \(0 x 2, 1\): no sign of life for 0s, given up/]);
  t.ok(notes.length <= 3, 'ever more rarely');
  await t.rejects(ask('0'), { code: 'SSP_SERVICE_SILENT' });
  child.kill('SIGCONT');
  let reply = '';
  while (reply === '') {
    reply = await ask('0').catch(() => '');
    await sleep(20);
  }
  t.equal(reply, 'done');
});

test('an idle time is no silence, and a caller may leave', async (t) => {
  const { child, url } = await slowServer(t);
  const { ask } = watched(url, 500);
  await ask('0');
  await sleep(700);
  t.equal(await ask('100'), 'done');
  child.kill('SIGSTOP');
  const leaving = new AbortController();
  const left = ask('0', leaving.signal);
  leaving.abort(new Error('enough'));
  await t.rejects(left, { message: 'enough' });
});
