import { test } from 'tap';

import { goldFigures, ndcg, percentile, recall } from '../../bench/ranking-metrics.ts';

test('gold figures of four questions, by hand', (t) => {
  const gold = [['a'], ['a', 'b'], ['c'], ['d']];
  const runs = [
    ['a', 'x'],
    ['x', 'b', 'y'],
    ['1', '2', '3', '4', '5', 'c'],
    ['x', 'y'],
  ];
  t.match(goldFigures(gold, runs), { questions: 4, anyGoldAt5: 0.5, allGoldAt5: 0.25 });
  t.equal(goldFigures(gold, runs).mrrAt10, (1 + 1 / 2 + 1 / 6 + 0) / 4);
  t.end();
});

test('a gold passage that is found twice counts once', (t) => {
  t.equal(goldFigures([['a', 'b']], [['a', 'a']]).allGoldAt5, 0);
  t.end();
});

test('nDCG of the textbook list (grades 3 2 3 0 1 2) is 0.961', (t) => {
  // Järvelin's example as Wikipedia's article on discounted cumulative gain works it out, with the
  // ideal order taken from the six judged documents: DCG 6.861 / IDCG 7.141.
  const judged = { a: 3, b: 2, c: 3, d: 0, e: 1, f: 2 };
  t.ok(Math.abs(ndcg([judged], [['a', 'b', 'c', 'd', 'e', 'f']], 10) - 6.861 / 7.141) < 1e-3);
  t.end();
});

test('recall counts relevant documents only', (t) => {
  t.equal(recall([{ a: 1, b: 1, c: 0 }], [['a', 'c', 'x', 'b']], 3), 0.5);
  t.end();
});

test('percentile by nearest rank', (t) => {
  const values = [15, 20, 35, 40, 50];
  t.same(
    [0.05, 0.3, 0.4, 0.5, 1].map((quantile) => percentile(values, quantile)),
    [15, 20, 20, 35, 50],
  );
  t.end();
});

test('nothing measured gives 0, not NaN', (t) => {
  t.equal(goldFigures([], []).mrrAt10, 0);
  t.equal(ndcg([], [], 10), 0);
  t.equal(percentile([], 0.5), 0);
  t.end();
});
