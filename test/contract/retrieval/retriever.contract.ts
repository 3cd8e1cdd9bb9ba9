import type { Test } from 'tap';

import type { Passage } from '../../../src/types/passage.ts';
import type { Hit, Retriever } from '../../../src/types/retriever.ts';

/** A score that brute force gave a passage. */
export interface BruteScore {
  readonly id: string;
  readonly score: number;
}

/** What the contract needs to know of a retriever. */
export interface ContractCase {
  readonly retriever: Retriever;
  readonly passages: readonly Passage[];
  readonly queries: readonly string[];
  /** Scores of every passage that can be found at all, in any order, computed plainly. */
  readonly bruteForce: (query: string) => BruteScore[];
  /** Largest difference of a score to brute force. */
  readonly tolerance: number;
  /** Share of brute force's best ten that must be found: 1 unless the index is approximate. */
  readonly recall?: number;
}

/** What every retriever owes its callers, whatever stands behind it. */
export async function retrieverContract(t: Test, subject: ContractCase): Promise<void> {
  const { retriever, passages, queries, bruteForce, tolerance, recall = 1 } = subject;
  const byId = new Map(passages.map((passage) => [passage.id, passage]));
  const search = async (texts: readonly string[], topK: number): Promise<(readonly Hit[])[]> =>
    (await retriever.search(texts, { topK })).map(({ hits }) => hits);

  await t.test('scores, ranks and order are those of brute force', async (t) => {
    const results = await search(queries, 10);
    let found = 0;
    let expected = 0;
    for (const [i, query] of queries.entries()) {
      const truth = bruteForce(query).sort(byScoreThenId);
      const scores = new Map(truth.map(({ id, score }) => [id, score]));
      const hits = results[i] ?? [];
      t.equal(hits.length, Math.min(10, truth.length), `${query}: number of hits`);
      for (const [at, hit] of hits.entries()) {
        const score = scores.get(hit.id) ?? NaN;
        t.ok(Math.abs(hit.score - score) <= tolerance, `${query}: ${hit.score} is ${score}`);
        t.equal(hit.rank, at + 1);
        const best = truth[at]?.score ?? NaN;
        if (recall === 1) t.ok(Math.abs(hit.score - best) <= tolerance, 'none better left out');
      }
      const tenth = truth[9]?.score ?? -Infinity;
      expected += Math.min(10, truth.length);
      found += hits.filter(({ score }) => score >= tenth - tolerance).length;
    }
    t.ok(found / expected >= recall, `recall ${found / expected}`);
  });

  await t.test('equal scores are ordered by id, at the cut too', async (t) => {
    for (const topK of [1, 3, 10]) {
      for (const hits of await search(queries, topK)) {
        t.same(
          hits.map(({ id }) => id),
          [...hits].sort(byScoreThenId).map(({ id }) => id),
        );
      }
    }
    const [wide = []] = await search(queries.slice(0, 1), 50);
    for (const topK of [1, 2, 3, 5, 8, 13]) {
      const [hits = []] = await search(queries.slice(0, 1), topK);
      if (recall === 1) t.same(hits, wide.slice(0, topK), `the best ${topK} of the best 50`);
    }
  });

  await t.test('a result does not depend on the batch', async (t) => {
    const together = await search([...queries, ...queries], 5);
    for (const [i, query] of queries.entries()) {
      const [alone] = await search([query], 5);
      t.same(together[i], alone);
      t.same(together[i + queries.length], alone);
    }
  });

  await t.test('hits carry the passage as it was indexed', async (t) => {
    for (const hits of await search(queries, 20)) {
      for (const { id, title, text, section, url } of hits) {
        const passage = byId.get(id);
        t.match({ title, text }, { title: passage?.title, text: passage?.text });
        t.equal(section, passage?.section);
        t.equal(url, passage?.url);
      }
    }
  });

  await t.test('empty batch, large topK, range of topK', async (t) => {
    t.same(await search([], 5), []);
    const [all = []] = await search(queries.slice(0, 1), 1000);
    t.ok(all.length <= Math.min(1000, passages.length));
    t.equal(new Set(all.map(({ id }) => id)).size, all.length, 'no passage twice');
    for (const topK of [0, -1, 1001, 1.5, NaN]) {
      await t.rejects(search(queries, topK), { code: 'SSP_TOPK_RANGE' });
    }
  });

  await t.test('any text is a query', async (t) => {
    const texts = [
      '',
      '   ',
      '"unclosed AND (',
      'title:river^3 OR NOT *',
      'x\u0000y',
      '🚂\ud800',
      '日',
    ];
    const long = 'river '.repeat(5000);
    t.equal((await search([...texts, long], 3)).length, texts.length + 1);
  });

  await t.test('explain gives the score that search gives', async (t) => {
    for (const query of queries.slice(0, 5)) {
      const [hits = []] = await search([query], 10);
      for (const hit of [hits[0], hits.at(-1)]) {
        if (hit === undefined) continue;
        const { score } = await retriever.explain(query, hit.id);
        t.ok(Math.abs(score - hit.score) <= tolerance, `${query}: ${score} is ${hit.score}`);
      }
    }
    await t.rejects(retriever.explain('river', "no'such"), { code: 'SSP_PASSAGE_UNKNOWN' });
  });

  await t.test('an abort ends the search', async (t) => {
    const signal = AbortSignal.abort(new Error('enough'));
    await t.rejects(retriever.search(queries, { topK: 3, signal }), { message: 'enough' });
  });

  await t.test('concurrent callers get their own results', async (t) => {
    const expected = await search(queries, 5);
    const answers = await Promise.all(queries.map((query) => search([query], 5)));
    t.same(
      answers.map(([hits]) => hits),
      expected,
    );
  });
}

/** The order that the contract asks for. */
export function byScoreThenId(a: BruteScore, b: BruteScore): number {
  return b.score - a.score || (a.id < b.id ? -1 : Number(a.id > b.id));
}
