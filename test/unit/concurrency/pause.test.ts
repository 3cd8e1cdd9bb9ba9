import { test } from 'tap';

import { requestWithRetry } from '../../../src/clients/retry.ts';
import { pause } from '../../../src/concurrency/pause.ts';

const reason = new Error('the service has died');

test('an abort ends a wait with its own reason', async (t) => {
  await pause(1);
  await pause(1, new AbortController().signal);
  const stop = new AbortController();
  const waiting = pause(60_000, stop.signal);
  stop.abort(reason);
  await t.rejects(waiting, reason);
  await t.rejects(pause(60_000, AbortSignal.abort(reason)), reason);
});

test('so does one between two tries of a request', async (t) => {
  const stop = new AbortController();
  const policy = { attempts: 2, firstWaitMs: 60_000, longestWaitMs: 60_000, timeoutMs: 10_000 };
  const read = (reply: Response): Promise<string> => reply.text();
  // Port 9 is one that nobody listens on.
  const asked = requestWithRetry('http://127.0.0.1:9/', {}, policy, read, stop.signal);
  setTimeout(() => {
    stop.abort(reason);
  }, 500);
  await t.rejects(asked, reason);
});
