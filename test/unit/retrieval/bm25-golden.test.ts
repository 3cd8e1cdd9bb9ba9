import { readFile } from 'node:fs/promises';

import { test } from 'tap';
import { z } from 'zod';

import { inverseDocumentFrequency, lengthNorm, termWeight } from '../../../src/bm25/formula.ts';
import { openIndex } from '../../../src/retrieval/open-index.ts';
import { buildSmallIndex } from '../../material/retrieval/small-index.ts';
import { testFolder } from '../../material/test-folder.ts';

// Scores by bm25s, another implementation; golden/bm25_scores.py writes them.
const goldenSchema = z.object({
  passages: z.array(z.string()),
  queries: z.array(z.string()),
  scores: z.array(z.array(z.number())),
});
const golden = goldenSchema.parse(
  JSON.parse(await readFile(new URL('golden/bm25-scores.json', import.meta.url), 'utf8')),
);

test('the formula at points worked out by hand', (t) => {
  t.ok(Math.abs(inverseDocumentFrequency(3, 1) - Math.log(1 + 2.5 / 1.5)) < 1e-12);
  t.equal(lengthNorm(10, 10, 0.75), 1);
  t.equal(lengthNorm(20, 10, 0.75), 1.75);
  t.equal(lengthNorm(20, 10, 0), 1);
  t.equal(termWeight(0, 1, 1.2), 0);
  t.equal(termWeight(1, 1, 1.2), 1);
  t.ok(Math.abs(termWeight(3, 1.75, 1.2) - 6.6 / 5.1) < 1e-12);
  t.end();
});

test("search and explain give bm25s's scores", async (t) => {
  const passages = golden.passages.map((text, i) => ({ id: `p${i}`, title: '', text }));
  const folder = await buildSmallIndex(testFolder(t), passages, {
    config: { analyzer: 'simple', titleWeight: 1, bm25K1: 1.2 },
  });
  const index = await openIndex(folder);
  t.teardown(() => index.close());
  const retriever = index.retriever('bm25');
  for (const [q, query] of golden.queries.entries()) {
    const [result] = await retriever.search([query], { topK: 60 });
    const expected = golden.scores[q] ?? [];
    t.equal(result?.hits.length, expected.filter((score) => score > 0).length);
    for (const { id, score } of result?.hits ?? []) {
      const theirs = expected[Number(id.slice(1))] ?? NaN;
      t.ok(Math.abs(score - theirs) < 1e-5, `${query} ${id}: ${score} is ${theirs}`);
    }
    const worst = result?.hits.at(-1);
    if (worst === undefined) continue;
    const explained = await retriever.explain(query, worst.id);
    t.ok(Math.abs(explained.score - (expected[Number(worst.id.slice(1))] ?? NaN)) < 1e-4);
  }
});
