import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { EncoderConfig } from '../config/encoder.ts';
import { SspError } from '../errors/error.ts';
import { isHubId, modelFromHub } from '../http/model-hub.ts';
import type { Progress } from '../progress/progress.ts';
import type { Encoder, EncoderDescription } from '../types/encoder.ts';
import { fileExists, hubEncoder, missingFiles, weightsFiles } from './model-files.ts';
import type { FolderDescription } from './model-folder.ts';
import { describeFolder, folderName } from './model-folder.ts';
import { startOnnxEncoder } from './onnx-encoder.ts';
import { openRemoteEncoder } from './remote-encoder.ts';
import { readWeights } from './weights-file.ts';

/** Where a long opening reports, and what ends it. */
export interface OpenOptions {
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

const shippedModel = 'tiny-e5';

/**
 * Opens the encoder that the configuration names: an embeddings server by its address, the shipped
 * `tiny-e5`, a model folder, or a hub id, whose files are downloaded once. Throws the SSP_ENCODER_,
 * SSP_EMBEDDINGS_, SSP_MODEL_ and SSP_DOWNLOAD_ errors, SSP_FILE_INVALID, and the signal's reason once it is
 * aborted.
 */
export async function openEncoder(config: EncoderConfig, options: OpenOptions): Promise<Encoder> {
  options.signal?.throwIfAborted();
  const { url } = config;
  if (url !== undefined) return openRemoteEncoder({ ...config, url }, options.signal);
  const weights = weightsFiles[config.dtype];
  const { path, name } = await locate(config.model, weights, options);
  const missing = await missingFiles(path, weights);
  if (missing.length > 0) {
    const files = missing.join(', ');
    throw new SspError('SSP_ENCODER_FILES_MISSING', { path, files, weights });
  }
  return openFolder(path, await describeFolder(path, name), config, options.signal);
}

async function locate(
  model: string,
  weights: string,
  options: OpenOptions,
): Promise<{ path: string; name: string }> {
  if (model === shippedModel) {
    return { path: fileURLToPath(new URL(shippedModel, import.meta.url)), name: shippedModel };
  }
  if (await fileExists(model)) return { path: resolve(model), name: folderName(model) };
  if (isHubId(model)) {
    return { path: await modelFromHub(hubEncoder(model, weights), options), name: model };
  }
  throw new SspError('SSP_ENCODER_NOT_FOUND', { model, path: resolve(model) });
}

async function openFolder(
  path: string,
  folder: FolderDescription,
  config: EncoderConfig,
  signal: AbortSignal | undefined,
): Promise<Encoder> {
  const weights = join(path, weightsFiles[config.dtype]);
  const external = `${weights}_data`;
  const files = (await fileExists(external)) ? [weights, external] : [weights];
  const { hash, mixesBatch } = await readWeights(files);
  signal?.throwIfAborted();
  const description: EncoderDescription = { ...folder, weightsHash: hash, dtype: config.dtype };
  return startOnnxEncoder(description, {
    path,
    dtype: config.dtype,
    dimension: folder.dimension,
    pooling: folder.pooling,
    normalize: folder.normalize,
    threads: config.threads === 0 ? availableParallelism() : config.threads,
    batchTokens: config.batchTokens,
    maxBatchTexts: mixesBatch ? 1 : Infinity,
  });
}
