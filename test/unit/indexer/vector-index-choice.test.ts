import { test } from 'tap';

import { chooseVectorIndex, exactPassages } from '../../../indexer/vector-index-choice.ts';

test('auto is exact for small corpora and ivf-rq above', (t) => {
  t.same(chooseVectorIndex('auto', 0, 384), { type: 'exact' });
  t.same(chooseVectorIndex('auto', exactPassages, 384), { type: 'exact' });
  t.match(chooseVectorIndex('auto', exactPassages + 1, 384), { type: 'ivf-rq' });
  t.end();
});

test('the parameters grow with the passages and stay within their bounds', (t) => {
  t.match(chooseVectorIndex('ivf-rq', 1000, 384), { partitions: 16 });
  t.match(chooseVectorIndex('ivf-rq', 200_000, 768), { partitions: 98 });
  t.match(chooseVectorIndex('ivf-rq', 1_000_000, 768), { partitions: 489 });
  t.match(chooseVectorIndex('ivf-rq', 21_015_324, 768), { partitions: 4096 });
  t.match(chooseVectorIndex('hnsw-sq', 2_500_000, 768), { type: 'hnsw-sq', partitions: 3 });
  t.end();
});

test('too few vectors to train on are always compared exactly', (t) => {
  for (const type of ['ivf-rq', 'ivf-pq', 'hnsw-sq'] as const) {
    t.same(chooseVectorIndex(type, 511, 384), { type: 'exact' });
  }
  t.end();
});

test('sub-vectors divide the dimension', (t) => {
  for (const dimension of [1, 7, 32, 384, 768, 1000, 1024]) {
    const chosen = chooseVectorIndex('ivf-pq', 100_000, dimension);
    t.equal(chosen.type === 'ivf-pq' ? dimension % chosen.subVectors : NaN, 0);
  }
  t.end();
});
