import { Index } from '@lancedb/lancedb';

import { lanceAnalyzer } from '../src/retrieval/analyzer.ts';
import {
  aliasesSchema,
  contentsColumn,
  passagesSchema,
  tableNames,
} from '../src/retrieval/lance-tables.ts';
import type { Analyzer } from '../src/types/index-manifest.ts';
import { aliasRows, inBatches, passageRows } from './arrow-rows.ts';
import type { BuildContext } from './build-context.ts';
import { withHeartbeat } from './build-context.ts';
import { secondsPerPassage } from './sizing.ts';
import { ensureIndex, ensureTable } from './tables.ts';

/** Rows of one commit: what an interruption loses at most, and a fragment of the table. */
const batchRows = 50_000;

/** Stage `passages`: copies passages and aliases into their tables, from where they end. */
export async function storePassages(context: BuildContext): Promise<void> {
  const { corpus, plan, progress, signal } = context;
  const table = await ensureTable(context, tableNames.passages, passagesSchema);
  let rows = await table.countRows();
  if (rows > 0) progress.note(`passages: going on after ${rows}`);
  const stage = progress.stage('passages', 'passages', corpus.manifest.passages - rows);
  for await (const batch of inBatches(corpus.passages(rows), batchRows)) {
    signal.throwIfAborted();
    await table.add(passageRows(batch, rows, plan.titleWeight));
    rows += batch.length;
    stage.add(batch.length);
  }
  stage.end();
  table.close();
  await storeAliases(context);
}

async function storeAliases(context: BuildContext): Promise<void> {
  const { corpus, progress, signal } = context;
  const total = corpus.manifest.aliases;
  if (total === 0) return;
  const table = await ensureTable(context, tableNames.aliases, aliasesSchema);
  const stored = await table.countRows();
  const stage = progress.stage('aliases', 'aliases', total - stored);
  let read = 0;
  for await (const batch of inBatches(corpus.aliases(), batchRows)) {
    signal.throwIfAborted();
    read += batch.length;
    if (read <= stored) continue;
    await table.add(aliasRows(batch));
    stage.add(batch.length);
  }
  stage.end();
  table.close();
}

/** Stage `lookup`: the indexes that find passages by id and title, and aliases. */
export async function indexLookups(context: BuildContext): Promise<void> {
  const { corpus, progress } = context;
  const stage = progress.stage('lookup by id and title', 'passages', corpus.manifest.passages);
  const table = await ensureTable(context, tableNames.passages, passagesSchema);
  for (const column of ['id', 'title']) {
    await ensureIndex(context, table, column, Index.btree());
  }
  table.close();
  if (corpus.manifest.aliases > 0) {
    const aliases = await ensureTable(context, tableNames.aliases, aliasesSchema);
    await ensureIndex(context, aliases, 'alias', Index.btree());
    aliases.close();
  }
  stage.add(corpus.manifest.passages);
  stage.end();
}

/** Stage `bm25`: the full-text index over title and text. */
export async function indexFullText(context: BuildContext, analyzer: Analyzer): Promise<void> {
  const { corpus, progress } = context;
  const stage = progress.stage('BM25', 'passages', corpus.manifest.passages);
  const table = await ensureTable(context, tableNames.passages, passagesSchema);
  const config = Index.fts({ ...lanceAnalyzer(analyzer), withPosition: false });
  const expectedSeconds = corpus.manifest.passages * secondsPerPassage.bm25;
  await withHeartbeat(progress, 'BM25', expectedSeconds, () =>
    ensureIndex(context, table, contentsColumn, config),
  );
  table.close();
  stage.add(corpus.manifest.passages);
  stage.end();
}
