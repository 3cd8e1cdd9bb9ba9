import { readFile } from 'node:fs/promises';

import { test } from 'tap';
import { z } from 'zod';

import {
  f1Score,
  hasWords,
  isExactMatch,
  normalizeAnswer,
} from '../../../src/game/answer-score.ts';

// SQuAD's metrics by transformers; golden/answer_scores.py writes them.
const goldenSchema = z.array(
  z.strictObject({
    answer: z.string(),
    golds: z.array(z.string()),
    normalized: z.string(),
    exactMatch: z.boolean(),
    f1: z.number(),
  }),
);

test('normalisation, exact match and F1 are those of the reference', async (t) => {
  const text = await readFile(new URL('golden/answer-scores.json', import.meta.url), 'utf8');
  const golden = goldenSchema.parse(JSON.parse(text));
  t.ok(golden.length > 150);
  for (const { answer, golds, normalized, exactMatch, f1 } of golden) {
    const name = JSON.stringify([answer, golds]);
    t.equal(normalizeAnswer(answer), normalized, `${name} normalized`);
    // The reference takes two texts without words for equal; here such an answer is never right.
    const isRight = exactMatch && normalized !== '';
    t.equal(isExactMatch(answer, golds), isRight, `${name} exact match`);
    const expected = normalized === '' ? 0 : f1;
    t.ok(Math.abs(f1Score(answer, golds) - expected) < 1e-12, `${name} F1 ${expected}`);
  }
});

test('by hand: 2 of 3 words right, 2 of 4 found', (t) => {
  t.equal(f1Score('king Henry II', ['Henry II of England']), 4 / 7);
  t.equal(f1Score('x', ['y', 'x z']), 2 / 3, 'the best gold answer counts');
  t.equal(f1Score('new new york', ['new york city']), 4 / 6, 'the second new was not asked for');
  t.end();
});

test('an answer without a word is never right', (t) => {
  const pairs = [
    ['?', 'A'],
    ['the', '!!!'],
    ['The The', 'The The'],
    ['', ''],
    [' ', 'a'],
  ] as const;
  for (const [answer, gold] of pairs) {
    t.notOk(hasWords(answer), answer);
    t.equal(isExactMatch(answer, [gold, 'Riga']), false, answer);
    t.equal(f1Score(answer, [gold, 'Riga']), 0, answer);
  }
  t.ok(hasWords('a b'));
  t.equal(f1Score('Riga', ['the']), 0);
  t.end();
});

test('without gold answers nothing is right', (t) => {
  t.equal(isExactMatch('x', []), false);
  t.equal(f1Score('x', []), 0);
  t.end();
});
