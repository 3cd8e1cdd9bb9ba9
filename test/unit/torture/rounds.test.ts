import { existsSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from 'tap';

import { runRounds } from '../../torture/rounds.ts';
import type { Attempt, Trial } from '../../torture/trial.ts';
import { hold } from '../../torture/trial.ts';

/** A trial that does something in memory. */
function trialOf(
  name: string,
  attempt: (attempt: Attempt) => void | Promise<void>,
  missing: Trial['missing'] = false,
): Trial {
  return { name, tries: name, missing, prepare: () => Promise.resolve(async (a) => attempt(a)) };
}

test('trials take turns with moments of the seed; what is lost is counted and kept', async (t) => {
  const run = async (seed: number) => {
    const stop = new AbortController();
    const drawn: number[] = [];
    const signals: AbortSignal[] = [];
    const folder = t.testdir();
    const counts = await runRounds(
      [
        trialOf('good', ({ random, signal, count }) => {
          drawn.push(random.next());
          signals.push(signal);
          count('done');
        }),
        trialOf('bad', async ({ folder, round }) => {
          await writeFile(join(folder, 'left'), '');
          hold(round !== 1, () => 'it is gone');
          if (round === 3) stop.abort();
        }),
        trialOf('absent', () => undefined, 'nothing is here'),
      ],
      { seed, minutes: 60, folder, signal: stop.signal, note: () => undefined },
    );
    t.ok(
      signals.every(({ aborted }) => aborted),
      'what an attempt has started ends with it',
    );
    return { counts, drawn, folder };
  };
  const { counts, drawn, folder } = await run(1);
  const [good, bad, absent] = counts;
  t.match(good, { attempts: 4, counts: { done: 4 }, lost: [], skipped: null });
  t.match(bad, { attempts: 4, lost: [/^round 1, seed 1: it is gone \(kept: /] });
  t.match(absent, { attempts: 0, skipped: 'nothing is here' });
  t.ok(existsSync(join(folder, 'bad', 'round-1', 'left')), 'what was lost can be looked at');
  t.strictSame(readdirSync(join(folder, 'good')), ['undisturbed'], 'the rest is removed');
  t.equal(new Set(drawn).size, 4);
  t.strictSame((await run(1)).drawn, drawn, 'the same seed, the same moments');
  t.notSame((await run(2)).drawn, drawn);
});

test('no attempt begins after the time is over; one that was broken off is none', async (t) => {
  const stop = new AbortController();
  const options = { seed: 1, folder: t.testdir(), signal: stop.signal, note: () => undefined };
  const never = [trialOf('never', () => undefined)];
  t.match(await runRounds(never, { ...options, minutes: 0 }), [{ attempts: 0 }]);
  const broken = trialOf('broken', () => {
    stop.abort();
    throw new Error('killed with everything');
  });
  t.match(await runRounds([broken], { ...options, minutes: 60 }), [{ attempts: 0, lost: [] }]);
});
