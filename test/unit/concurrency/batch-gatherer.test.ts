import { setImmediate as turn } from 'node:timers/promises';

import fc from 'fast-check';
import { test } from 'tap';

import type { BatchGathererOptions } from '../../../src/concurrency/batch-gatherer.ts';
import { BatchGatherer } from '../../../src/concurrency/batch-gatherer.ts';
import { isSspError } from '../../../src/errors/error.ts';

const never = new AbortController().signal;

/** A gatherer over a backend that the test releases batch by batch. */
function gated(limits: Partial<BatchGathererOptions<string>>) {
  const batches: {
    queries: readonly string[];
    signal: AbortSignal;
    release: (error?: Error) => void;
  }[] = [];
  const gatherer = new BatchGatherer<string>({
    ...{ batchQueries: 4, parallelBatches: 1, maxQueued: 100, ...limits },
    run: (lane, group, queries, signal) =>
      new Promise((resolve, reject) => {
        const release = (error?: Error): void => {
          if (error === undefined) resolve(queries.map((query) => `${lane}/${group}/${query}`));
          else reject(error);
        };
        batches.push({ queries, signal, release });
      }),
  });
  return { gatherer, batches };
}

test('a free lane starts at once; what waits meanwhile runs together', async (t) => {
  const { gatherer, batches } = gated({});
  const ask = (query: string): Promise<string[]> => gatherer.submit('m', '3', [query], never);
  const replies = ['a', 'b', 'c', 'd', 'e', 'f'].map(ask);
  t.strictSame(
    batches.map(({ queries }) => queries),
    [['a']],
  );
  t.equal(gatherer.queued, 5);
  batches[0]?.release();
  await turn();
  t.strictSame(batches[1]?.queries, ['b', 'c', 'd', 'e'], 'at most batchQueries, oldest first');
  batches[1]?.release();
  await turn();
  batches[2]?.release();
  t.strictSame(
    (await Promise.all(replies)).flat(),
    ['a', 'b', 'c', 'd', 'e', 'f'].map((q) => `m/3/${q}`),
  );
  t.equal(gatherer.queued, 0);
  t.equal(gatherer.runningBatches, 0);
});

test('equal queries in flight are run once; other groups and lanes are not mixed in', async (t) => {
  const { gatherer, batches } = gated({});
  const replies = [
    gatherer.submit('m', '3', ['x'], never),
    gatherer.submit('m', '3', ['x', 'y', 'y'], never),
    gatherer.submit('m', '5', ['x'], never),
    gatherer.submit('n', '3', ['x'], never),
  ];
  t.strictSame(
    batches.map(({ queries }) => queries),
    [['x'], ['x']],
    'one batch for each lane',
  );
  for (let i = 0; i < 4; i += 1) {
    batches[i]?.release();
    await turn();
  }
  t.strictSame(await Promise.all(replies), [
    ['m/3/x'],
    ['m/3/x', 'm/3/y', 'm/3/y'],
    ['m/5/x'],
    ['n/3/x'],
  ]);
  t.equal(batches.length, 4);
});

test('a full queue refuses a request whole, and an idle one takes any number', async (t) => {
  const { gatherer, batches } = gated({ maxQueued: 3, batchQueries: 10 });
  const large = gatherer.submit('m', '3', ['a', 'b', 'c', 'd', 'e'], never);
  t.equal(gatherer.queued, 0, 'all five run');
  const waiting = gatherer.submit('m', '3', ['f', 'g'], never);
  await t.rejects(gatherer.submit('m', '3', ['h', 'i'], never), { code: 'SSP_OVERLOADED' });
  t.equal(gatherer.queued, 2, 'nothing of it was taken');
  const joined = gatherer.submit('m', '3', ['f', 'a'], never);
  batches[0]?.release();
  await large;
  batches[1]?.release();
  t.strictSame(await waiting, ['m/3/f', 'm/3/g']);
  t.strictSame(await joined, ['m/3/f', 'm/3/a'], 'queries in flight need no room');
});

test('who goes away is not answered, and nobody else notices', async (t) => {
  const { gatherer, batches } = gated({});
  const [one, two] = [new AbortController(), new AbortController()];
  const left = gatherer.submit('m', '3', ['a'], one.signal);
  const stays = gatherer.submit('m', '3', ['a'], two.signal);
  const queued = gatherer.submit('m', '3', ['b'], one.signal);
  one.abort(new Error('gone'));
  await t.rejects(left, { message: 'gone' });
  await t.rejects(queued, { message: 'gone' });
  t.equal(gatherer.queued, 0, 'the waiting query left the queue');
  t.notOk(batches[0]?.signal.aborted, 'somebody still waits');
  batches[0]?.release();
  t.strictSame(await stays, ['m/3/a']);

  const three = new AbortController();
  const last = gatherer.submit('m', '3', ['c'], three.signal);
  three.abort(new Error('gone'));
  await t.rejects(last, { message: 'gone' });
  t.ok(batches[1]?.signal.aborted, 'nobody waits: the batch ends');
  const again = gatherer.submit('m', '3', ['c'], never);
  batches[1]?.release(new Error('aborted'));
  await turn();
  batches[2]?.release();
  t.strictSame(await again, ['m/3/c'], 'an equal query after that runs anew');
  await t.rejects(gatherer.submit('m', '3', ['d'], AbortSignal.abort(new Error('early'))), {
    message: 'early',
  });
});

test('a failed batch is run again query by query', async (t) => {
  const seen: (readonly string[])[] = [];
  const gatherer = new BatchGatherer<string>({
    ...{ batchQueries: 8, parallelBatches: 1, maxQueued: 100 },
    run(_lane, _group, queries) {
      seen.push(queries);
      return queries.includes('bad')
        ? Promise.reject(new Error('broken'))
        : Promise.resolve(queries);
    },
  });
  const replies = ['a', 'bad', 'b'].map((query) => gatherer.submit('m', '3', [query], never));
  const whole = gatherer.submit('m', '3', ['c', 'bad'], never);
  const results = await Promise.allSettled([...replies, whole]);
  t.strictSame(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'rejected'],
  );
  t.strictSame(seen.slice(0, 4), [['a'], ['bad', 'b', 'c'], ['bad'], ['b']]);
  t.equal(gatherer.queued, 0);
});

test('a backend that gives too few results fails its callers', async (t) => {
  const gatherer = new BatchGatherer<string>({
    ...{ batchQueries: 8, parallelBatches: 1, maxQueued: 100 },
    run: () => Promise.resolve([]),
  });
  await t.rejects(gatherer.submit('m', '3', ['a'], never), { code: 'SSP_INTERNAL' });
  t.strictSame(await gatherer.submit('m', '3', [], never), []);
});

const call = fc.record({
  lane: fc.constantFrom('m', 'n'),
  group: fc.constantFrom('3', '5'),
  queries: fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'bad'), { maxLength: 4 }),
  abortAfter: fc.option(fc.nat(12)),
});

test('every caller gets the results of its own queries, whatever the order of events', async (t) => {
  const property = fc.asyncProperty(
    fc.scheduler(),
    fc.array(call, { minLength: 1, maxLength: 12 }),
    fc.record({
      batchQueries: fc.integer({ min: 1, max: 4 }),
      parallelBatches: fc.integer({ min: 1, max: 3 }),
      maxQueued: fc.integer({ min: 1, max: 12 }),
    }),
    async (scheduler, calls, limits) => {
      let running = 0;
      const gatherer = new BatchGatherer<string>({
        ...limits,
        async run(lane, group, queries, signal) {
          running += 1;
          if (new Set(queries).size !== queries.length) throw new Error('asked twice');
          await scheduler.schedule(Promise.resolve());
          running -= 1;
          signal.throwIfAborted();
          if (queries.includes('bad')) throw new Error('broken');
          return queries.map((query) => `${lane}/${group}/${query}`);
        },
      });
      const outcomes = calls.map(async ({ lane, group, queries, abortAfter }) => {
        const controller = new AbortController();
        await scheduler.schedule(Promise.resolve());
        void (async () => {
          for (let i = 0; i < (abortAfter ?? -1); i += 1)
            await scheduler.schedule(Promise.resolve());
          if (abortAfter !== null) controller.abort(new Error('gone'));
        })();
        try {
          const results = await gatherer.submit(lane, group, queries, controller.signal);
          const wanted = queries.map((query) => `${lane}/${group}/${query}`);
          return JSON.stringify(results) === JSON.stringify(wanted) && !queries.includes('bad');
        } catch (error) {
          if (isSspError(error, 'SSP_OVERLOADED')) return true;
          const { message } = error as Error;
          return message === 'gone'
            ? abortAfter !== null
            : message === 'broken' && queries.includes('bad');
        }
      });
      const right = await scheduler.waitFor(Promise.all(outcomes));
      await scheduler.waitIdle();
      return (
        right.every(Boolean) &&
        gatherer.queued === 0 &&
        gatherer.runningBatches === 0 &&
        running === 0
      );
    },
  );
  await fc.assert(property, { numRuns: 200 });
  t.pass('200 interleavings');
});

test('with gatherMs the first query waits for those that come in the same moment', async (t) => {
  const { gatherer, batches } = gated({ gatherMs: 1 });
  const replies = ['a', 'b', 'c'].map((query) => gatherer.submit('m', '3', [query], never));
  t.equal(batches.length, 0);
  while (batches.length === 0) await turn();
  t.strictSame(batches[0]?.queries, ['a', 'b', 'c']);
  batches[0]?.release();
  t.strictSame((await Promise.all(replies)).flat(), ['m/3/a', 'm/3/b', 'm/3/c']);
});

test('a failure that is no single query’s ends the whole batch', async (t) => {
  const { gatherer, batches } = gated({ gatherMs: 1, mayBeOneQuery: () => false });
  const replies = ['a', 'b'].map((query) => gatherer.submit('m', '3', [query], never));
  const ends = Promise.allSettled(replies);
  while (batches.length === 0) await turn();
  batches[0]?.release(new Error('gone'));
  t.strictSame(
    (await ends).map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  t.equal(batches.length, 1, 'not asked again');
  t.equal(gatherer.queued, 0);
});
