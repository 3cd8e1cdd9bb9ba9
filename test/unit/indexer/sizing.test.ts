import { test } from 'tap';

import { sizeOf } from '../../../indexer/sizing.ts';

const GiB = 2 ** 30;

test('the published wiki-18 index: vectors alone are 64.6 GB, half of that in fp16', (t) => {
  const wiki18 = { passages: 21_015_324, meanPassageBytes: 630 };
  const dense = sizeOf({ ...wiki18, dimension: 768, vectorDtype: 'fp32' });
  const half = sizeOf({ ...wiki18, dimension: 768 });
  const bm25 = sizeOf({ ...wiki18, dimension: 0 });
  t.ok(dense.indexBytes > 64.5e9 + bm25.indexBytes);
  t.ok(half.indexBytes > 32.2e9 + bm25.indexBytes && half.indexBytes < 37e9 + bm25.indexBytes);
  t.ok(bm25.indexBytes < 30 * GiB);
  t.ok(dense.buildDiskBytes > dense.indexBytes);
  t.end();
});

test('measured: a million passages build under 4 GiB of memory', (t) => {
  const { buildMemoryBytes } = sizeOf({ passages: 1e6, meanPassageBytes: 600, dimension: 0 });
  t.ok(buildMemoryBytes > 1_303_372 * 1024, 'the estimate covers what was measured');
  t.ok(buildMemoryBytes < 4 * GiB);
  t.end();
});

test('the time of encoding is told only where the rate is known', (t) => {
  const request = { passages: 3600, meanPassageBytes: 600, dimension: 384 };
  t.notOk('encodeSeconds' in sizeOf(request));
  t.equal(sizeOf({ ...request, passagesPerSecond: 10 }).encodeSeconds, 360);
  t.notOk('encodeSeconds' in sizeOf({ ...request, dimension: 0, passagesPerSecond: 10 }));
  t.end();
});

test('nothing takes nothing but the base', (t) => {
  const { indexBytes, indexSeconds } = sizeOf({ passages: 0, meanPassageBytes: 0, dimension: 768 });
  t.equal(indexBytes, 0);
  t.equal(indexSeconds, 0);
  t.end();
});
