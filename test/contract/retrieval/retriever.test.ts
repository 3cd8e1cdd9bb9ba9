import type { Test } from 'tap';
import { test } from 'tap';

import type { IndexConfig } from '../../../src/config/index-build.ts';
import { openIndex } from '../../../src/retrieval/open-index.ts';
import type { Passage } from '../../../src/types/passage.ts';
import type { SearchIndex } from '../../../src/types/retriever.ts';
import {
  best,
  fuse,
  innerProducts,
  passages,
  plainBm25,
  queries,
} from '../../material/retrieval/brute-force.ts';
import { buildSmallIndex } from '../../material/retrieval/small-index.ts';
import { standInEncoder } from '../../material/retrieval/stand-in-encoder.ts';
import { testFolder } from '../../material/test-folder.ts';
import type { BruteScore } from './retriever.contract.ts';
import { retrieverContract } from './retriever.contract.ts';

async function openSmall(
  t: Test,
  config: Partial<IndexConfig>,
  source: readonly Passage[] = passages,
): Promise<SearchIndex> {
  const encoder = standInEncoder();
  const folder = await buildSmallIndex(testFolder(t), source, { config, encoder });
  const index = await openIndex(folder, { encoder });
  t.teardown(() => index.close());
  return index;
}

for (const analyzer of ['english', 'simple'] as const) {
  for (const titleWeight of [1, 2]) {
    test(`contract: bm25, ${analyzer}, title weight ${titleWeight}`, async (t) => {
      const index = await openSmall(t, { analyzer, titleWeight, modes: ['bm25'] });
      t.same(index.modes, ['bm25']);
      await retrieverContract(t, {
        retriever: index.retriever('bm25'),
        passages,
        queries,
        bruteForce: plainBm25(analyzer, titleWeight),
        tolerance: 1e-9,
      });
    });
  }
}

for (const vectorIndex of ['exact', 'ivf-rq', 'ivf-pq', 'hnsw-sq'] as const) {
  test(`contract: dense, ${vectorIndex}`, async (t) => {
    // Its search is chosen by sentences of the passages; these queries are words beside each other.
    const index = await openSmall(t, { vectorIndex, vectorRecall: 1, modes: ['dense'] });
    t.same(index.modes, ['dense']);
    t.equal(index.manifest.dense?.vectorIndex.type, vectorIndex);
    await retrieverContract(t, {
      retriever: index.retriever('dense'),
      passages,
      queries,
      bruteForce: innerProducts,
      tolerance: 1e-5,
      recall: vectorIndex === 'exact' ? 1 : 0.95,
    });
  });
}

test('contract: hybrid by reciprocal ranks', async (t) => {
  const index = await openSmall(t, { fusion: 'reciprocal-rank', fusionDepth: 100, bm25Weight: 3 });
  const bm25 = plainBm25('english', 2);
  const share = (scores: BruteScore[], weight: number): BruteScore[] =>
    best(scores, 1000).map(({ id }, i) => ({ id, score: weight / (60 + i + 1) }));
  await retrieverContract(t, {
    retriever: index.retriever('hybrid'),
    passages,
    queries,
    bruteForce: (query) =>
      fuse([share(best(bm25(query), 100), 0.75), share(best(innerProducts(query), 100), 0.25)]),
    tolerance: 1e-6,
  });
});

for (const fusion of ['min-max-score', 'sum-score'] as const) {
  test(`contract: hybrid by ${fusion}`, async (t) => {
    const index = await openSmall(t, { fusion, fusionDepth: 100, denseWeight: 3 });
    const bm25 = plainBm25('english', 2);
    const share = (scores: BruteScore[], weight: number): BruteScore[] => {
      const lowest = Math.min(...scores.map(({ score }) => score));
      const above = scores.map(({ score }) => score - lowest);
      const isSum = fusion === 'sum-score';
      const whole = isSum ? above.reduce((sum, value) => sum + value, 0) : Math.max(...above);
      const whenEqual = isSum ? 1 / scores.length : 1;
      return scores.map(({ id }, i) => ({
        id,
        score: weight * (whole === 0 ? whenEqual : (above[i] ?? 0) / whole),
      }));
    };
    await retrieverContract(t, {
      retriever: index.retriever('hybrid'),
      passages,
      queries,
      bruteForce: (query) =>
        fuse([share(best(bm25(query), 100), 0.25), share(best(innerProducts(query), 100), 0.75)]),
      tolerance: 1e-4,
    });
  });
}
