import { setImmediate as turn } from 'node:timers/promises';

import { test } from 'tap';

import { orAbort } from '../../../indexer/build-context.ts';

test('work that fails after an abort is no stray rejection, whenever the abort came', async (t) => {
  for (const isEarly of [true, false]) {
    const controller = new AbortController();
    const work = Promise.withResolvers<never>();
    if (isEarly) controller.abort(new Error('enough'));
    const waiting = orAbort(work.promise, controller.signal);
    controller.abort(new Error('enough'));
    await t.rejects(waiting, { message: 'enough' });
    work.reject(new Error('the engine failed'));
    await turn(); // an unhandled rejection would fail this test
  }
  t.equal(await orAbort(Promise.resolve('made'), new AbortController().signal), 'made');
});
