import { test } from 'tap';

import { normalizeRow, poolTokens } from '../../../../src/retrieval/pooling.ts';

// Two tokens of three dimensions: by hand, mean (2, 2, 1) of norm 3.
const hidden_T_D = Float32Array.of(1, 4, 0, 3, 0, 2);

test('mean pooling and L2', (t) => {
  const plain = poolTokens(hidden_T_D, 3, { pooling: 'mean', normalize: false });
  t.same([...plain], [2, 2, 1]);
  const unit = poolTokens(hidden_T_D, 3, { pooling: 'mean', normalize: true });
  t.same([...unit], [...Float32Array.of(2 / 3, 2 / 3, 1 / 3)]);
  t.end();
});

test('cls pooling takes the first token', (t) => {
  t.same([...poolTokens(hidden_T_D, 3, { pooling: 'cls', normalize: false })], [1, 4, 0]);
  t.end();
});

test('a zero vector stays zero', (t) => {
  t.same([...normalizeRow(new Float32Array(2))], [0, 0]);
  t.end();
});
