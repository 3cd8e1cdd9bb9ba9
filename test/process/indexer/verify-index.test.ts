import { readdir, truncate } from 'node:fs/promises';
import { join, relative } from 'node:path';

import type { Test } from 'tap';
import { test } from 'tap';

import { recallAt } from '../../../indexer/recall.ts';
import type { VerifyRequest } from '../../../indexer/verify-index.ts';
import { verifyIndex } from '../../../indexer/verify-index.ts';
import type { IndexConfig } from '../../../src/config/index-build.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { readHead, writeHead } from '../../../src/retrieval/index-head.ts';
import { openIndex } from '../../../src/retrieval/open-index.ts';
import type { Encoder } from '../../../src/types/encoder.ts';
import { currentData } from '../../material/retrieval/index-data.ts';
import { smallPassages, writeCorpus } from '../../material/retrieval/small-corpus.ts';
import { buildSmallIndex } from '../../material/retrieval/small-index.ts';
import { standInEncoder } from '../../material/retrieval/stand-in-encoder.ts';
import { testFolder } from '../../material/test-folder.ts';

const passages = smallPassages(1500);

async function indexed(
  t: Test,
  vectorIndex: IndexConfig['vectorIndex'] = 'exact',
): Promise<string> {
  const config = { vectorIndex };
  return buildSmallIndex(testFolder(t), passages, { config, encoder: standInEncoder() });
}

function request(folder: string, changes: Partial<VerifyRequest> = {}): VerifyRequest {
  return {
    folder,
    openEncoder: () => Promise.resolve(standInEncoder()),
    progress: silentProgress,
    signal: new AbortController().signal,
    ...changes,
  };
}

test('a sound index passes; the recall goes into the manifest and not into its hash', async (t) => {
  const folder = await indexed(t, 'ivf-rq');
  const corpusFolder = join(folder, '..', 'corpus');
  const before = await openIndex(folder);
  await before.close();
  const { ok, checks, recall, searches, manifestHash } = await verifyIndex(
    request(folder, { corpusFolder }),
  );
  t.ok(ok, JSON.stringify(checks));
  t.ok(checks.length >= 7);
  t.equal(recall?.queries, 200);
  t.ok((recall?.at3 ?? 0) > 0.9 && (recall?.at10 ?? 0) > 0.9);
  t.match(searches, [
    { type: 'exact', recall: { at10: 1 } },
    { type: 'ivf-rq', recall },
  ]);
  t.ok(searches?.every(({ milliseconds }) => milliseconds > 0));
  const after = await openIndex(folder);
  t.teardown(() => after.close());
  t.same(after.manifest.dense?.recall, recall);
  t.equal(after.manifestHash, before.manifestHash);
  t.equal(manifestHash, before.manifestHash);
});

test('queries of the caller are measured instead', async (t) => {
  const folder = await indexed(t);
  const { recall } = await verifyIndex(request(folder, { queries: ['river castle', 'comet'] }));
  t.equal(recall?.queries, 2);
});

test('another corpus, other vectors and another encoder are found out', async (t) => {
  const folder = await indexed(t);
  const corpusFolder = join(t.testdirName, 'other');
  await writeCorpus(corpusFolder, smallPassages(1500, 8));
  const other = await verifyIndex(request(folder, { corpusFolder }));
  t.notOk(other.ok);
  t.match(
    other.checks.filter(({ ok }) => !ok),
    [{ name: 'corpus' }, { name: 'corpus passages' }],
  );

  const shifted: Encoder = {
    ...standInEncoder(),
    encodePassages: (texts) => standInEncoder().encodeQueries(texts.map(() => 'always the same')),
  };
  const drifted = await verifyIndex(
    request(folder, { openEncoder: () => Promise.resolve(shifted) }),
  );
  t.match(
    drifted.checks.filter(({ ok }) => !ok),
    [{ name: 'sample found by its vector' }],
  );

  const pooled = standInEncoder({ pooling: 'cls' });
  await t.rejects(verifyIndex(request(folder, { openEncoder: () => Promise.resolve(pooled) })), {
    code: 'SSP_ENCODER_MISMATCH',
    message: /pooling is "cls"/,
  });
  t.ok(pooled.closed);
});

test('a passage that was altered shows in the hash, a cut table file is damage', async (t) => {
  const folder = await indexed(t);
  const head = await readHead(folder);
  const altered = { ...head.manifest, passagesHash: 'c'.repeat(64) };
  await writeHead(folder, { ...head, manifest: altered });
  const { checks } = await verifyIndex(request(folder));
  t.match(
    checks.filter(({ ok }) => !ok),
    [{ name: 'passages', detail: /expected cccccccccccc/ }],
  );
  const data = join(await currentData(folder), 'lance', 'vectors.lance', 'data');
  const [file = ''] = await readdir(data);
  await truncate(join(data, file), 100);
  const cut = await verifyIndex(request(folder));
  t.notOk(cut.ok);
  const name = relative(folder, join(data, file));
  t.match(cut.checks, [{ name, ok: false, detail: /^it has 100 bytes, \d+ were written$/ }]);
  await t.rejects(openIndex(folder), { code: 'SSP_INDEX_DAMAGED', message: `${name}: it has 100` });
});

test('recall counts equal scores as found', (t) => {
  const exact = [4, 3, 3, 1].map((score, row) => ({ row, score }));
  const found = [4, 3, 1].map((score, i) => ({ row: [0, 9, 3][i] ?? 0, score }));
  t.equal(recallAt(3, found, exact), 2 / 3);
  t.equal(recallAt(2, found, exact), 1);
  t.equal(recallAt(10, [], exact), 0);
  t.equal(recallAt(10, [], []), 1);
  t.end();
});
