import { test } from 'tap';

import { TaskLost, TaskPool } from '../../../corpus/task-pool.ts';

function pool(script: URL, workers: number): TaskPool<string, string> {
  return new TaskPool({
    script,
    workerData: undefined,
    workers,
    taskTimeoutMs: 2000,
  });
}

test('a task that throws, hangs, exits or eats the memory is lost alone', async (t) => {
  const threads = pool(new URL('./pool-worker.ts', import.meta.url), 2);
  const requests = ['a', 'throw', 'b', 'hang', 'c', 'backtrack', 'exit', 'd', 'memory', 'e', 'f'];
  const settled = await Promise.allSettled(requests.map((request) => threads.run(request)));
  const shown = settled.map((result, index) =>
    result.status === 'fulfilled'
      ? result.value
      : `${requests[index] ?? ''}: ${result.reason instanceof TaskLost ? 'lost' : String(result.reason)}`,
  );
  t.strictSame(shown, [
    'done a',
    'throw: Error: it threw',
    'done b',
    'hang: lost',
    'done c',
    'backtrack: lost',
    'exit: lost',
    'done d',
    'memory: lost',
    'done e',
    'done f',
  ]);
  t.equal(await threads.run('g'), 'done g');
  const underWay = threads.run('hang');
  underWay.catch(() => undefined);
  await threads.close();
  for (const late of [underWay, threads.run('h')]) {
    await t.rejects(late, new TaskLost('the pool was closed'));
  }
});

test('workers that cannot start fail the tasks instead of trying for ever', async (t) => {
  const threads = pool(new URL('file:///no-such-worker.ts'), 2);
  await t.rejects(threads.run('a'), { code: 'SSP_WORKER_FAILED' });
  await t.rejects(threads.run('b'), { code: 'SSP_WORKER_FAILED' });
  await threads.close();
});
