import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import type { BuiltIndex } from '../../indexer/build-index.ts';
import { buildIndex } from '../../indexer/build-index.ts';
import { FaissIndex } from '../../indexer/faiss/faiss-index.ts';
import type { Config } from '../config/schema.ts';
import { shippedEncoder } from '../models/shipped.ts';
import type { JobContext } from '../progress/progress.ts';
import { openEncoder } from '../retrieval/encoder.ts';
import { describeInWords } from '../retrieval/model-folder.ts';
import type { EncoderSource } from '../types/encoder.ts';

/** An index to build. */
export interface IndexRequest {
  /** A finished corpus folder. */
  readonly corpus: string;
  readonly out: string;
  /** Replace what `out` holds. */
  readonly force: boolean;
  /** A flat FAISS index, or its parts in their order, whose vectors are taken instead of encoding. */
  readonly faissFiles?: readonly string[];
}

/**
 * Builds an index with the encoder of the configuration, which is opened only where vectors are asked
 * for. Throws what `buildIndex`, `openEncoder` and `FaissIndex.open` throw.
 */
export async function buildIndexWith(
  { corpus, out, force, faissFiles }: IndexRequest,
  config: Pick<Config, 'index' | 'encoder'>,
  { progress, signal }: JobContext,
): Promise<BuiltIndex> {
  const hasVectors = config.index.modes.includes('dense');
  const encoder = hasVectors ? await openEncoder(config.encoder, { progress, signal }) : undefined;
  // The shipped encoder's rules are documented; those of others are read from what they bring.
  if (encoder !== undefined && config.encoder.model !== shippedEncoder) {
    progress.note(describeInWords(encoder.description));
  }
  let vectors: FaissIndex | undefined;
  try {
    vectors = faissFiles && (await FaissIndex.open(faissFiles));
    return await buildIndex({
      ...{ corpusFolder: corpus, out, force, config: config.index, progress, signal, vectors },
      encoder: encoder && { encoder, source: sourceOf(config.encoder) },
    });
  } finally {
    await vectors?.close();
    await encoder?.close();
  }
}

/** What the manifest keeps to open the encoder again; a folder as an absolute path. */
function sourceOf({ model, url, dtype, quotedTitles }: Config['encoder']): EncoderSource {
  const isFolder = url === undefined && existsSync(model);
  return {
    ...{ model: isFolder ? resolve(model) : model, dtype },
    ...(url === undefined ? {} : { url }),
    ...(quotedTitles === true ? { quotedTitles } : {}),
  };
}
