import fc from 'fast-check';
import { test } from 'tap';

import type { FillStrategy } from '../../../src/game/fill.ts';
import { answersToResample, fillBatch } from '../../../src/game/fill.ts';
import { addToPool, drawFromPool, emptyPool, resetPool } from '../../../src/game/replay-pool.ts';
import { createRandom } from '../../../src/random/random.ts';
import type { PlayedQuestion } from '../../../src/types/question-record.ts';
import { replayPoolSchema } from '../../../src/types/question-record.ts';

const entry = (question: string, successRate: number): PlayedQuestion => ({
  question,
  answers: ['x'],
  successRate,
});
const pool = addToPool(emptyPool, [
  entry('easy', 1),
  entry('hard', 0),
  entry('half', 0.5),
  entry('middle', 0.6),
]);
const names = (entries: readonly PlayedQuestion[]): string[] =>
  entries.map(({ question }) => question);
const dummy: FillStrategy = { kind: 'dummy' };
const resample: FillStrategy = { kind: 'resample', maxRounds: 2 };
const choice = { maxSuccessRate: 0.5, takesUnsolved: true, withReplacement: false };
const reuse: FillStrategy = { kind: 'reuse', ...choice, resetEverySteps: undefined };
const fresh = [{ question: 'one' }, { question: 'two' }];

test('a question played again has its newest success rate and the newest place', (t) => {
  const again = addToPool(pool, [entry('hard', 0.8), entry('new', 0.2), entry('new', 0.4)]);
  t.strictSame(names(again.questions), ['easy', 'half', 'middle', 'hard', 'new']);
  t.equal(again.questions[3]?.successRate, 0.8);
  t.equal(again.questions[4]?.successRate, 0.4);
  t.equal(pool.questions.length, 4, 'the old pool is as it was');
  t.end();
});

test('hard questions are drawn first, each at most once', (t) => {
  const firsts = new Set<string>();
  const thirds = new Set<string>();
  for (let seed = 0; seed < 40; seed += 1) {
    const drawn = names(drawFromPool(pool, 3, choice, createRandom(seed)));
    firsts.add(drawn.slice(0, 2).join());
    thirds.add(drawn.slice(2).join());
  }
  t.strictSame([...firsts].sort(), ['half,hard', 'hard,half']);
  t.strictSame([...thirds].sort(), ['easy', 'middle']);
  const all = drawFromPool(pool, 9, { ...choice, maxSuccessRate: 0 }, createRandom(1));
  t.strictSame(names(all).sort(), ['easy', 'half', 'hard', 'middle']);
  t.strictSame(drawFromPool(emptyPool, 2, choice, createRandom(1)), []);
  t.end();
});

test('with replacement each draw is from the whole pool, as in the released code', (t) => {
  const released = { maxSuccessRate: 1, takesUnsolved: true, withReplacement: true };
  const drawn = names(drawFromPool(pool, 4000, released, createRandom(3)));
  t.equal(drawn.length, 4000, 'more than the pool has');
  for (const name of names(pool.questions)) {
    const times = drawn.filter((one) => one === name).length;
    // 1000 expected; 5 standard deviations of a binomial are 137.
    t.ok(Math.abs(times - 1000) < 137, `${name} ${times} times`);
  }
  const hard = drawFromPool(pool, 50, { ...released, maxSuccessRate: 0.5 }, createRandom(3));
  t.strictSame(new Set(names(hard)), new Set(['hard', 'half']), 'others only where none is hard');
  const others = { questions: pool.questions.filter(({ successRate }) => successRate > 0.5) };
  const rest = drawFromPool(others, 50, { ...released, maxSuccessRate: 0.5 }, createRandom(3));
  t.strictSame(new Set(names(rest)), new Set(['easy', 'middle']));
  t.strictSame(drawFromPool(emptyPool, 5, released, createRandom(1)), []);
  t.end();
});

test('questions that nobody solved can be left out', (t) => {
  const solved = { ...choice, takesUnsolved: false };
  const drawn = names(drawFromPool(pool, 9, solved, createRandom(1)));
  t.strictSame(drawn.sort(), ['easy', 'half', 'middle']);
  const again = { ...solved, withReplacement: true };
  t.strictSame(new Set(names(drawFromPool(pool, 30, again, createRandom(1)))), new Set(['half']));
  t.end();
});

test('the pool is emptied every n steps, or never', (t) => {
  t.equal(resetPool(pool, 9, 10), pool);
  t.strictSame(resetPool(pool, 10, 10), emptyPool);
  t.equal(resetPool(pool, 11, 10), pool);
  t.strictSame(resetPool(pool, 20, 10), emptyPool);
  t.equal(resetPool(pool, 10, undefined), pool);
  t.end();
});

test('a pool goes through a checkpoint unchanged', (t) => {
  t.strictSame(replayPoolSchema.parse(JSON.parse(JSON.stringify(pool))), pool);
  t.notOk(replayPoolSchema.safeParse({ questions: [entry('x', 1.2)] }).success);
  t.end();
});

test('only resampling asks for more, and only for its rounds', (t) => {
  t.equal(answersToResample(resample, { missing: 3, rounds: 0 }), 3);
  t.equal(answersToResample(resample, { missing: 3, rounds: 1 }), 3);
  t.equal(answersToResample(resample, { missing: 3, rounds: 2 }), 0);
  t.equal(answersToResample(resample, { missing: -1, rounds: 0 }), 0, 'more valid than needed');
  t.equal(answersToResample(dummy, { missing: 3, rounds: 0 }), 0);
  t.equal(answersToResample(reuse, { missing: 3, rounds: 0 }), 0);
  t.end();
});

test('what fills the open places', (t) => {
  const kinds = (strategy: FillStrategy, size: number): string[] =>
    fillBatch(fresh, size, strategy, pool, createRandom(1)).map(({ kind }) => kind);
  t.strictSame(kinds(dummy, 4), ['fresh', 'fresh', 'dummy', 'dummy']);
  t.strictSame(kinds(resample, 3), ['fresh', 'fresh', 'dummy']);
  t.strictSame(kinds(reuse, 3), ['fresh', 'fresh', 'reused']);
  const six = ['reused', 'reused', 'reused', 'reused', 'dummy', 'dummy'];
  t.strictSame(kinds(reuse, 8), ['fresh', 'fresh', ...six], 'an empty pool leaves dummies');
  t.strictSame(kinds(reuse, 1), ['fresh'], 'more valid than needed');
  t.end();
});

test('reuse takes the hard ones and repeats no question of the batch', (t) => {
  const own = [{ question: 'hard' }];
  const batch = fillBatch(own, 4, reuse, pool, createRandom(1));
  const [first, second, ...rest] = batch;
  t.strictSame(first, { kind: 'fresh', question: own[0] });
  t.strictSame(second, { kind: 'reused', question: entry('half', 0.5) });
  t.strictSame(rest.map((place) => 'question' in place && place.question.question).sort(), [
    'easy',
    'middle',
  ]);
  t.end();
});

test('every batch has its size and no question twice', (t) => {
  const strategy = fc.constantFrom(dummy, resample, reuse);
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(12)),
      fc.array(fc.nat(12)),
      fc.nat(20),
      strategy,
      fc.nat(),
      (valid, earlier, size, by, seed) => {
        const questions = valid.map((id) => ({ question: `q${id}` }));
        const before = addToPool(
          emptyPool,
          earlier.map((id) => entry(`q${id}`, id / 12)),
        );
        const batch = fillBatch(questions, size, by, before, createRandom(seed));
        const asked = batch.flatMap((place) =>
          place.kind === 'dummy' ? [] : [place.question.question],
        );
        return batch.length === size && new Set(asked).size === asked.length;
      },
    ),
  );
  t.end();
});
