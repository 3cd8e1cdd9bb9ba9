import { test } from 'tap';

import { readClusterManifest } from '../../../src/elasticsearch/cluster-manifest.ts';
import { analyzerVersion, indexFormatVersion } from '../../../src/types/index-manifest.ts';

test('an index in a cluster says which of three it is: earlier, foreign, altered', (t) => {
  const earlier = { formatVersion: indexFormatVersion - 1 };
  const earlierWords = {
    formatVersion: indexFormatVersion,
    bm25: { analyzer: { name: 'english', maxTermLength: 40, version: analyzerVersion - 1 } },
  };
  for (const [meta, code] of [
    [{ ssp: { layout: 1, manifest: earlier } }, 'SSP_INDEX_OUTDATED'],
    [{ ssp: { layout: 1, manifest: earlierWords } }, 'SSP_INDEX_OUTDATED'],
    [
      { ssp: { layout: 1, manifest: { formatVersion: indexFormatVersion } } },
      'SSP_CLUSTER_INDEX_FOREIGN',
    ],
    [{ ssp: { layout: 1 } }, 'SSP_CLUSTER_INDEX_FOREIGN'],
    [{ other: 1 }, 'SSP_CLUSTER_INDEX_FOREIGN'],
    [undefined, 'SSP_CLUSTER_INDEX_FOREIGN'],
  ] as const) {
    t.throws(() => readClusterManifest('http://127.0.0.1:9200', 'wiki', meta), { code });
  }
  t.end();
});
