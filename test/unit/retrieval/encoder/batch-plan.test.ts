import fc from 'fast-check';
import { test } from 'tap';

import { planBatches } from '../../../../src/retrieval/onnx-model.ts';

const lengths = fc.array(fc.integer({ min: 1, max: 512 }), { maxLength: 200 });

test('every text is in exactly one batch', (t) => {
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 5000 }), (lengths_N, budget) => {
      const rows = planBatches(lengths_N, budget).flat();
      t.equal(rows.length, lengths_N.length);
      t.equal(new Set(rows).size, lengths_N.length);
    }),
  );
  t.end();
});

test('a batch keeps the token budget, padding included, unless it is one long text', (t) => {
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 5000 }), (lengths_N, budget) => {
      for (const batch of planBatches(lengths_N, budget)) {
        const longest = Math.max(...batch.map((row) => lengths_N[row] ?? 0));
        t.ok(batch.length === 1 || batch.length * longest <= budget);
      }
    }),
  );
  t.end();
});

test('texts of similar length go together, longest first', (t) => {
  t.same(planBatches([2, 9, 3, 8], 18), [
    [1, 3],
    [2, 0],
  ]);
  t.same(planBatches([4, 4, 4], 100, 1), [[0], [1], [2]], 'at most one text where asked for');
  t.same(planBatches([], 100), []);
  t.end();
});
