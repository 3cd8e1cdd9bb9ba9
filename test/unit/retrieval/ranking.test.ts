import fc from 'fast-check';
import { test } from 'tap';

import type { RowScore } from '../../../src/retrieval/ranker.ts';
import { fetchWithTies, rankCandidates } from '../../../src/retrieval/ranker.ts';

const idOf = (row: number): string => `id${(row * 7) % 101}`;
const idsOf = (rows: Iterable<number>): Promise<Map<number, string>> =>
  Promise.resolve(new Map(Array.from(rows, (row) => [row, idOf(row)])));

test('the best by score, then id, whatever the backend does with ties', async (t) => {
  const scores = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 0, maxLength: 100 });
  const property = fc.asyncProperty(
    scores,
    fc.integer({ min: 1, max: 30 }),
    fc.integer({ min: 1, max: 16 }),
    async (list, depth, spareRows) => {
      const rows = list.map((score, row) => ({ row, score }));
      const plain = [...rows].sort(
        (a, b) => b.score - a.score || (idOf(a.row) < idOf(b.row) ? -1 : 1),
      );
      // A backend that cuts ties where it likes: by falling row.
      const backend = [...rows].sort((a, b) => b.score - a.score || b.row - a.row);
      const candidates = await fetchWithTies(depth, spareRows, (limit) =>
        Promise.resolve(backend.slice(0, limit)),
      );
      const [ranked] = await rankCandidates([candidates], depth, idsOf);
      t.same(ranked, plain.slice(0, depth));
    },
  );
  await fc.assert(property, { numRuns: 300 });
});

test('ids are asked for once for all queries, and only where scores are equal', async (t) => {
  const asked: number[][] = [];
  const counting = (rows: Iterable<number>): Promise<Map<number, string>> => {
    asked.push([...rows]);
    return idsOf(asked.at(-1) ?? []);
  };
  const distinct: RowScore[] = [
    { row: 1, score: 2 },
    { row: 2, score: 1 },
  ];
  await rankCandidates([distinct, distinct], 2, counting);
  t.same(asked, []);
  const tied: RowScore[] = [
    { row: 3, score: 5 },
    { row: 4, score: 5 },
    { row: 5, score: 1 },
    { row: 6, score: 1 },
  ];
  await rankCandidates([tied, distinct, tied], 2, counting);
  t.same(asked, [[3, 4, 3, 4]], 'not for what is cut off');
  const read = tied.map((found) => ({
    ...found,
    passage: { id: `id${9 - found.row}`, title: '', text: '' },
  }));
  const [ranked = []] = await rankCandidates([read], 4, counting);
  t.equal(asked.length, 1, 'nor for what is read already');
  t.same(
    ranked.map(({ row }) => row),
    [4, 3, 6, 5],
  );
});
