import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { test } from 'tap';

import { withProcessLock } from '../../src/storage/process-lock.ts';

test('one body at a time; the lock is gone afterwards, also after a failure', async (t) => {
  const path = join(t.testdir({}), 'deep', 'x.lock');
  let inside = 0;
  const waited: number[] = [];
  const body = async (): Promise<void> => {
    inside += 1;
    t.equal(inside, 1);
    while (waited.length === 0) await sleep(5);
    inside -= 1;
  };
  const options = { onWait: (pid: number) => waited.push(pid) };
  await Promise.all([1, 2].map(() => withProcessLock(path, options, body)));
  t.same(waited, [process.pid]);
  await t.rejects(
    withProcessLock(path, {}, () => Promise.reject(new Error('broken'))),
    /broken/,
  );
  t.notOk(existsSync(path));
});

test('the lock of a dead process is taken over', async (t) => {
  const path = join(t.testdir({}), 'x.lock');
  writeFileSync(path, '4194305');
  t.equal(await withProcessLock(path, {}, () => Promise.resolve('done')), 'done');
});

test('the lock of a dead process that had the id of this one is taken over', async (t) => {
  const path = join(t.testdir({}), 'x.lock');
  writeFileSync(path, String(process.pid));
  const options = { signal: AbortSignal.timeout(20_000) };
  t.equal(await withProcessLock(path, options, () => Promise.resolve('done')), 'done');
});

test('who does not want to wait throws when told to', async (t) => {
  const path = join(t.testdir({}), 'x.lock');
  writeFileSync(path, String(process.ppid));
  const onWait = (pid: number): never => {
    throw new Error(`held by ${pid}`);
  };
  const body = () => Promise.resolve();
  await t.rejects(withProcessLock(path, { onWait }, body), { message: `held by ${process.ppid}` });
  t.ok(existsSync(path), 'the other one keeps it');
});

test('a holder that has not written its id yet is told once it has', async (t) => {
  const path = join(t.testdir({ 'x.lock': '' }), 'x.lock');
  const onWait = (pid: number): never => {
    throw new Error(`held by ${pid}`);
  };
  const waiting = withProcessLock(path, { onWait }, () => Promise.resolve());
  setTimeout(() => {
    writeFileSync(path, String(process.ppid));
  }, 100);
  await t.rejects(waiting, { message: `held by ${process.ppid}` });
});

test('an abort ends the wait', async (t) => {
  const path = join(t.testdir({}), 'x.lock');
  writeFileSync(path, String(process.ppid));
  const waiting = withProcessLock(path, { signal: AbortSignal.timeout(20) }, () =>
    Promise.resolve(),
  );
  await t.rejects(waiting);
  t.ok(existsSync(path), 'the other one keeps it');
});
