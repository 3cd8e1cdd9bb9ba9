import { test } from 'tap';

import { selfTest } from '../../../services/search/self-test.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import type { SearchIndex } from '../../../src/types/retriever.ts';
import { standInIndex, towns } from '../../material/search/stand-in-index.ts';

const signal = new AbortController().signal;
const check = (index: SearchIndex): Promise<void> => selfTest(index, 6, signal, silentProgress);

/** An index whose answers belong to other queries, as when rows and vectors have shifted. */
function shifted(): SearchIndex {
  const passages = Array.from({ length: 40 }, (_, i) => ({
    ...{ id: `p${i}`, title: `Title${i}`, text: `word${i} and word${i + 100}` },
  }));
  const index = standInIndex({ passages, modes: ['bm25', 'dense'] });
  return {
    ...index,
    retriever(mode) {
      const right = index.retriever(mode);
      if (mode === 'bm25') return right;
      return {
        ...right,
        search: (queries, options) =>
          right.search(
            queries.map((_query, row) => `Title${20 + row}`),
            options,
          ),
      };
    },
  };
}

test('an index that finds its own passages passes, in every mode', async (t) => {
  await t.resolves(check(standInIndex({ modes: ['bm25', 'dense', 'hybrid'] })));
  await t.resolves(check(standInIndex({ passages: [] })), 'an empty index has nothing to find');
});

test('an index with shifted rows is refused, naming the mode', async (t) => {
  await t.rejects(check(shifted()), {
    code: 'SSP_SELF_TEST_FAILED',
    details: { mode: 'dense', found: 0, asked: 6 },
  });
});

test('a passage that stands in the corpus twice may be found by its twin', async (t) => {
  const [first] = towns;
  if (first === undefined) throw new Error('no towns');
  const twins = Array.from({ length: 30 }, (_, i) => ({
    ...first,
    id: String(i).padStart(2, '0'),
  }));
  const index = standInIndex({ passages: twins });
  await t.resolves(check({ ...index, sample: (count) => Promise.resolve(twins.slice(-count)) }));
});
