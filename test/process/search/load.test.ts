import { existsSync } from 'node:fs';

import t, { test } from 'tap';

import { openSearchIndex } from '../../../src/app/search-service.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import type { Passage } from '../../../src/types/passage.ts';
import { runLoad } from '../../material/search/load.ts';
import { buildIndexOf, serveIndex } from '../../material/search/served-index.ts';
import { testFolder } from '../../material/test-folder.ts';

t.setTimeout(600_000); // services and clients, on whatever machine this is

const hasEncoder = existsSync(new URL('../../../src/models/tiny-e5/', import.meta.url));
const modes = hasEncoder ? 'bm25,dense' : 'bm25';
const trades = ['glass', 'salt', 'rope', 'clocks', 'paper', 'tin', 'wool', 'amber'];
const places = ['river', 'harbour', 'hill', 'forest', 'lake', 'island', 'pass'];
const passages = Array.from({ length: 200 }, (_, i): Passage => {
  const [trade, place] = [trades[i % 8] ?? '', places[(i >> 3) % 7] ?? ''];
  return {
    id: `${i}-0`,
    title: `Town ${i}`,
    text: `Town ${i} lies by a ${place}. It is known for ${trade}. ${i % 11} thousand people live there.`,
  };
});
const queries = Array.from({ length: 40 }, (_, i) =>
  i % 2 === 0
    ? `town ${i * 3} known for ${trades[i % 8] ?? ''}`
    : `${places[i % 7] ?? ''} ${trades[i % 5] ?? ''} ${i}`,
);

test(`clients in all shapes at once get the index's own answers (${modes})`, async (t) => {
  const folder = await buildIndexOf(testFolder(t), passages, modes);
  const signal = new AbortController().signal;
  const index = await openSearchIndex(folder, configSchema.parse({}), {
    progress: silentProgress,
    signal,
  });
  t.teardown(() => index.close());

  const service = await serveIndex(folder, ['--cache-bytes', '20000']);
  t.teardown(() => service.stop());
  const plan = { url: service.url, clients: 64, requests: 600, queries, topKs: [3, 10], seed: 1 };
  const report = await runLoad(plan, index);
  t.strictSame(report.failures, []);
  t.equal(report.answered, 600);
  t.equal(await service.stop(), 0);

  const narrow = await serveIndex(folder, [
    '--max-queued',
    '2',
    '--batch-queries',
    '2',
    '--cache-bytes',
    '0',
  ]);
  t.teardown(() => narrow.stop());
  const crowded = await runLoad({ ...plan, url: narrow.url, requests: 60, clients: 24 }, index);
  t.strictSame(crowded.failures, []);
  t.equal(crowded.answered, 60);
  t.ok(crowded.rejected > 0, `${crowded.rejected} honest 429s`);
  t.equal(await narrow.stop(), 0);
});
