import { test } from 'tap';

import {
  minMax,
  reciprocalRankFusion,
  scoreFusion,
  sumToOne,
} from '../../../src/retrieval/fusion.ts';
import type { RowScore } from '../../../src/retrieval/ranker.ts';

const bm25: RowScore[] = [
  { row: 7, score: 12 },
  { row: 3, score: 8 },
  { row: 5, score: 4 },
];
const dense: RowScore[] = [
  { row: 3, score: 0.9 },
  { row: 9, score: 0.8 },
  { row: 7, score: 0.5 },
];

/** Fused scores by row, rounded to nine decimals. */
function rounded(rows: readonly RowScore[]): Record<number, number> {
  return Object.fromEntries(rows.map(({ row, score }) => [row, Number(score.toFixed(9))]));
}

test('reciprocal ranks, k 60: the sums worked out by hand', (t) => {
  const fused = reciprocalRankFusion(
    [
      { rows: bm25, weight: 1 },
      { rows: dense, weight: 1 },
    ],
    60,
  );
  t.same(rounded(fused), {
    7: 0.032266458, // 1/61 + 1/63
    3: 0.032522475, // 1/62 + 1/61
    5: 0.015873016, // 1/63
    9: 0.016129032, // 1/62
  });
  t.end();
});

test('reciprocal ranks: weights and k count', (t) => {
  const fused = reciprocalRankFusion(
    [
      { rows: bm25, weight: 0.75 },
      { rows: dense, weight: 0.25 },
    ],
    0,
  );
  t.same(rounded(fused), {
    7: 0.833333333, // .75/1 + .25/3
    3: 0.625, // .75/2 + .25/1
    5: 0.25, // .75/3
    9: 0.125, // .25/2
  });
  t.end();
});

test('min-max scores, half and half: worked out by hand', (t) => {
  const fused = scoreFusion(
    [
      { rows: bm25, weight: 0.5 },
      { rows: dense, weight: 0.5 },
    ],
    minMax,
  );
  t.same(rounded(fused), {
    7: 0.5, // .5 * (12-4)/8 + .5 * (.5-.5)/.4
    3: 0.75, // .5 * (8-4)/8 + .5 * (.9-.5)/.4
    5: 0, // .5 * (4-4)/8
    9: 0.375, // .5 * (.8-.5)/.4
  });
  t.end();
});

test('scores that sum to one, half and half: worked out by hand', (t) => {
  const fused = scoreFusion(
    [
      { rows: bm25, weight: 0.5 },
      { rows: dense, weight: 0.5 },
    ],
    sumToOne,
  );
  t.same(rounded(fused), {
    7: 0.333333333, // .5 * (12-4)/12 + .5 * (.5-.5)/.7
    3: 0.452380952, // .5 * (8-4)/12 + .5 * (.9-.5)/.7
    5: 0, // .5 * (4-4)/12
    9: 0.214285714, // .5 * (.8-.5)/.7
  });
  const equal = [
    { row: 1, score: 3 },
    { row: 2, score: 3 },
  ];
  t.same(rounded(scoreFusion([{ rows: equal, weight: 0.5 }], sumToOne)), { 1: 0.25, 2: 0.25 });
  t.end();
});

test('an empty ranking adds nothing; one score or equal scores count as highest', (t) => {
  t.same(scoreFusion([{ rows: [], weight: 1 }], minMax), []);
  t.same(reciprocalRankFusion([{ rows: [], weight: 1 }], 60), []);
  const single = [{ row: 1, score: 3 }];
  t.same(scoreFusion([{ rows: single, weight: 0.25 }], minMax), [{ row: 1, score: 0.25 }]);
  const equal = [
    { row: 1, score: 3 },
    { row: 2, score: 3 },
  ];
  t.same(rounded(scoreFusion([{ rows: equal, weight: 0.5 }], minMax)), { 1: 0.5, 2: 0.5 });
  t.end();
});
