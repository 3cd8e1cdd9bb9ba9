import type { IndexConfig } from '../src/config/index-build.ts';
import { connectTables, vectorTable } from '../src/retrieval/lance-tables.ts';
import type { Encoder, EncoderSource } from '../src/types/encoder.ts';
import type { IndexManifest } from '../src/types/index-manifest.ts';
import { indexFormatVersion } from '../src/types/index-manifest.ts';
import { toolVersion } from '../src/version.ts';
import type { BuildContext } from './build-context.ts';
import type { DensePlan } from './build-plan.ts';
import { hashPassages, hashVectors } from './content-hash.ts';
import { heldOutQueries, heldOutSentences } from './held-out-queries.ts';
import { searchExactly } from './recall.ts';
import { tuneSearch } from './search-tuning.ts';

/** The manifest of a build whose stages are all done: reads every row back and counts and hashes. */
export async function createManifest(
  context: BuildContext,
  config: IndexConfig,
  encoder: { readonly encoder: Encoder; readonly source: EncoderSource } | undefined,
): Promise<IndexManifest> {
  const { corpus, plan, progress, signal } = context;
  const { corpusHash, passages, aliases } = corpus.manifest;
  const stage = progress.stage('reading back', 'passages', passages);
  const passagesHash = await hashPassages(context.folder, passages, stage, signal);
  stage.end();
  const dense =
    plan.dense === undefined || encoder === undefined
      ? undefined
      : {
          encoder: encoder.encoder.description,
          encoderSource: encoder.source,
          ...(await searchOf(context, plan.dense, encoder.encoder)),
          vectorDtype: plan.dense.vectorDtype,
          ...(plan.dense.importedFrom && { importedFrom: plan.dense.importedFrom }),
          ...(await readVectors(context, plan.dense.encoder.dimension)),
        };
  const bm25 =
    plan.bm25 === undefined
      ? undefined
      : {
          analyzer: plan.bm25.analyzer,
          k1: plan.bm25.k1,
          b: plan.bm25.b,
          fields: { title: plan.bm25.titleWeight, text: 1 as const },
        };
  const manifest: IndexManifest = {
    formatVersion: indexFormatVersion,
    toolVersion,
    corpusHash,
    passages,
    aliases,
    passagesHash,
    ...(bm25 === undefined ? {} : { bm25 }),
    ...(dense === undefined ? {} : { dense }),
  };
  return { ...manifest, ...fusionPart(manifest, config) };
}

/** How `hybrid` fuses, for an index that has both rankings. */
export function fusionPart(
  manifest: Pick<IndexManifest, 'bm25' | 'dense'>,
  config: IndexConfig,
): Pick<IndexManifest, 'fusion'> {
  if (manifest.bm25 === undefined || manifest.dense === undefined) return {};
  return {
    fusion: {
      method: config.fusion,
      rankConstant: config.fusionRankConstant,
      depth: config.fusionDepth,
      bm25Weight: config.bm25Weight,
      denseWeight: config.denseWeight,
    },
  };
}

/** Queries that a small index is measured by. */
const fewestQueries = 32;

/**
 * With which parameters the vectors are searched: for an approximate index those that reach the recall
 * that was asked for on held-out queries, with what they found.
 */
async function searchOf(
  { folder, corpus, progress, signal }: BuildContext,
  { vectorIndex, recallTarget = 1 }: DensePlan,
  encoder: Encoder,
): Promise<Pick<NonNullable<IndexManifest['dense']>, 'vectorIndex' | 'recallTarget' | 'recall'>> {
  if (vectorIndex.type === 'exact') return { vectorIndex };
  const { passages } = corpus.manifest;
  const count = Math.min(heldOutQueries, Math.max(fewestQueries, Math.ceil(passages / 100)));
  const texts = heldOutSentences(folder, passages, count);
  const queries = await encoder.encodeQueries(texts, signal);
  const table = await (await connectTables(folder)).openTable(vectorTable);
  const exactStage = progress.stage('exact search', 'queries', texts.length);
  const heldOut = await searchExactly(table, queries, exactStage, signal);
  exactStage.end();
  const stage = progress.stage(`choosing the search of ${vectorIndex.type}`, 'settings');
  const tuned = await tuneSearch(table, vectorIndex, recallTarget, heldOut, stage, signal);
  stage.end();
  table.close();
  const { at10 } = tuned.recall;
  if (at10 < recallTarget) progress.note(`the vector index reaches recall@10 ${at10} at most`);
  return { vectorIndex: tuned.vectorIndex, recallTarget, recall: tuned.recall };
}

async function readVectors(
  context: BuildContext,
  dimension: number,
): Promise<{ readonly vectorsHash: string; readonly truncatedPassages: number }> {
  const { corpus, progress, signal } = context;
  const stage = progress.stage('reading back', 'vectors', corpus.manifest.passages);
  const table = await (await connectTables(context.folder)).openTable(vectorTable);
  const { hash, truncated } = await hashVectors(table, dimension, stage, signal);
  stage.end();
  return { vectorsHash: hash, truncatedPassages: truncated };
}
