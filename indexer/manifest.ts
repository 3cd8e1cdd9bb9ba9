import type { Table } from '@lancedb/lancedb';

import type { IndexConfig } from '../src/config/index-build.ts';
import { engineParameters } from '../src/retrieval/bm25-formula.ts';
import { openTable } from '../src/retrieval/lance-tables.ts';
import type { Encoder, EncoderSource } from '../src/types/encoder.ts';
import type { IndexManifest } from '../src/types/index-manifest.ts';
import { indexFormatVersion } from '../src/types/index-manifest.ts';
import { toolVersion } from '../src/version.ts';
import type { BuildContext } from './build-context.ts';
import { hashPassages, hashVectors } from './content-hash.ts';

/** The manifest of a build whose stages are all done: reads every row back and counts and hashes. */
export async function createManifest(
  context: BuildContext,
  config: IndexConfig,
  encoder: { readonly encoder: Encoder; readonly source: EncoderSource } | undefined,
): Promise<IndexManifest> {
  const { corpus, plan, progress, signal } = context;
  const { corpusHash, passages, aliases } = corpus.manifest;
  const stage = progress.stage('reading back', 'passages', passages);
  const passagesHash = await hashPassages(await tableOf(context, 'passages'), stage, signal);
  stage.end();
  const dense =
    plan.dense === undefined || encoder === undefined
      ? undefined
      : {
          encoder: encoder.encoder.description,
          encoderSource: encoder.source,
          vectorIndex: plan.dense.vectorIndex,
          ...(await readVectors(context, plan.dense.encoder.dimension)),
        };
  const bm25 =
    plan.bm25 === undefined
      ? undefined
      : {
          analyzer: plan.bm25.analyzer,
          ...engineParameters,
          fields: { title: plan.titleWeight, text: 1 as const },
        };
  const manifest: IndexManifest = {
    formatVersion: indexFormatVersion,
    toolVersion,
    corpusHash,
    passages,
    aliases,
    passagesHash,
    store: 'lancedb',
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

async function readVectors(
  context: BuildContext,
  dimension: number,
): Promise<{ readonly vectorsHash: string; readonly truncatedPassages: number }> {
  const { corpus, progress, signal } = context;
  const stage = progress.stage('reading back', 'vectors', corpus.manifest.passages);
  const table = await tableOf(context, 'vectors');
  const { hash, truncated } = await hashVectors(table, dimension, stage, signal);
  stage.end();
  return { vectorsHash: hash, truncatedPassages: truncated };
}

async function tableOf({ connection }: BuildContext, name: 'passages' | 'vectors'): Promise<Table> {
  const table = await openTable(connection, name);
  if (table === undefined) throw new Error(`the table ${name} is missing`);
  return table;
}
