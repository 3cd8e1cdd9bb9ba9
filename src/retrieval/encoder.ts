import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';

import type { EncoderConfig } from '../config/index-build.ts';
import { SspError } from '../errors/error.ts';
import { isHubId, modelFromHub } from '../models/model-hub.ts';
import { shippedEncoder, tinyEncoderFolder } from '../models/shipped.ts';
import type { Progress } from '../progress/progress.ts';
import type { Encoder, EncoderDescription } from '../types/encoder.ts';
import { fileExists, hubEncoder, missingFiles, readWeights, weightsFiles } from './model-files.ts';
import type { FolderDescription } from './model-folder.ts';
import { describeFolder, folderName } from './model-folder.ts';
import { startOnnxEncoder } from './onnx-encoder.ts';
import { openRemoteEncoder } from './remote-encoder.ts';

/** Where a long opening reports, and what ends it. */
export interface OpenOptions {
  readonly progress: Progress;
  readonly signal?: AbortSignal;
  /** The name of a model folder, where it is known other than by the folder's own. */
  readonly name?: string;
}

/**
 * Opens the encoder that the configuration names: an embeddings server by its address, or several, the shipped
 * `tiny-e5`, a model folder, or a hub id, whose files are downloaded once. Throws the SSP_ENCODER_,
 * SSP_EMBEDDINGS_, SSP_MODEL_ and SSP_DOWNLOAD_ errors, SSP_FILE_INVALID, and the signal's reason once it is
 * aborted.
 */
export async function openEncoder(config: EncoderConfig, options: OpenOptions): Promise<Encoder> {
  options.signal?.throwIfAborted();
  const { url } = config;
  if (url !== undefined) return openRemoteEncoder({ ...config, url }, options);
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
  if (model === shippedEncoder) return { path: tinyEncoderFolder, name: shippedEncoder };
  if (await fileExists(model)) {
    return { path: resolve(model), name: options.name ?? folderName(model) };
  }
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
  const description: EncoderDescription = {
    ...{ ...folder, weightsHash: hash, dtype: config.dtype },
    ...(config.quotedTitles === true ? { quotedTitles: true } : {}),
  };
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

/**
 * Refuses an encoder that would not give the vectors of the index at `path`: throws
 * SSP_ENCODER_MISMATCH naming every field that differs. The name alone may differ (a moved folder
 * has another one): the weights' hash says whether it is the same model.
 */
export function requireSameEncoder(
  path: string,
  recorded: EncoderDescription,
  given: EncoderDescription,
): void {
  const fields = Object.keys({ ...recorded, ...given }) as (keyof EncoderDescription)[];
  const differences = fields
    .filter((field) => field !== 'name' && recorded[field] !== given[field])
    .map((field) => `${field} is ${show(given[field])}, the index has ${show(recorded[field])}`);
  if (differences.length > 0) {
    throw new SspError('SSP_ENCODER_MISMATCH', { path, differences: differences.join('; ') });
  }
}

function show(value: unknown): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value);
  return text.length > 24 ? `${text.slice(0, 20)}..."` : text;
}
