import { test } from 'tap';

import {
  mixedByEnd,
  QuestionSample,
  shownQuestion,
  spread,
} from '../../../src/report/sample-questions.ts';
import { question } from '../../material/report/made-up-run.ts';

const records = Array.from({ length: 12 }, (_, i) =>
  shownQuestion(question(1, i, { questionsPerStep: 12 })),
);

test('items are spread evenly, with both ends', (t) => {
  t.strictSame(spread([1, 2, 3], 5), [1, 2, 3]);
  t.strictSame(spread([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 3), [0, 5, 10]);
  t.strictSame(spread([1, 2, 3], 1), [3]);
  t.strictSame(spread([1, 2, 3], 0), []);
  t.strictSame(spread([], 3), []);
  t.end();
});

test('each kind of end comes in turn', (t) => {
  const mixed = mixedByEnd(records);
  // Valid: 0, 3, 4, ...; by the filter: 1, 5, 9; by the verification: 2; reused: 11.
  t.strictSame(
    mixed.map(({ view }) => view.index),
    [0, 1, 2, 11, 3, 5, 4, 9, 6, 7, 8, 10],
  );
  t.strictSame(mixedByEnd([]), []);
  t.end();
});

test('a sample keeps below its bytes and has each passage once', (t) => {
  const all = new QuestionSample();
  all.take(records, Infinity);
  const { questions, passages, bytes } = all.taken();
  t.equal(questions.length, 12);
  const json = Buffer.byteLength(JSON.stringify({ questions, passages }));
  t.ok(Math.abs(bytes - json) < 0.02 * json, `${bytes} of ${json}`);
  const few = new QuestionSample();
  few.take(mixedByEnd(records), bytes / 2);
  const taken = few.taken();
  t.ok(taken.bytes <= bytes / 2 && taken.questions.length >= 3);
  t.strictSame(
    taken.questions.map(({ index }) => index),
    taken.questions.map(({ index }) => index).toSorted((a, b) => a - b),
  );
  const named = taken.questions.flatMap(({ verification }) => verification?.passages ?? []);
  t.ok(
    named.every((id) => taken.passages[id] !== undefined),
    'no passage is missing',
  );
  t.notMatch(JSON.stringify(taken.questions), /logProbs/, 'token ids are left out');
  t.end();
});
