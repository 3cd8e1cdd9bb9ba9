import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';

import { SspError } from '../errors/error.ts';
import type { HubModel } from '../models/model-hub.ts';

/** What every model folder needs beside its weights. */
const requiredFiles = ['config.json', 'tokenizer.json', 'tokenizer_config.json'] as const;

/** Fetched beside the required files where a model has them. */
const optionalFiles = [
  'special_tokens_map.json',
  'modules.json',
  '1_Pooling/config.json',
  'sentence_bert_config.json',
  'config_sentence_transformers.json',
];

/** The weights file of each dtype, by the names that transformers.js and the hub use. */
export const weightsFiles = {
  fp32: 'onnx/model.onnx',
  fp16: 'onnx/model_fp16.onnx',
  q8: 'onnx/model_quantized.onnx',
} as const;

/** Which of the needed files are not in the folder. */
export async function missingFiles(folder: string, weights: string): Promise<string[]> {
  const files = [...requiredFiles, weights];
  const present = await Promise.all(files.map((file) => fileExists(join(folder, file))));
  return files.filter((_, i) => present[i] !== true);
}

/** True if something is at `path`. */
export async function fileExists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The encoder `model` on the hub, with the weights file `weights` (and its `_data` where it has one). */
export function hubEncoder(model: string, weights: string): HubModel {
  const order = [...optionalFiles, ...requiredFiles, `${weights}_data`, weights];
  return {
    model,
    missing: (folder) => missingFiles(folder, weights),
    choose(paths) {
      if (paths.includes(weights)) return order.filter((path) => paths.includes(path));
      const found = paths.filter((path) => path.endsWith('.onnx'));
      const has = found.length === 0 ? 'no .onnx file' : found.join(', ');
      throw new SspError('SSP_ENCODER_NO_ONNX', { model, weights, has });
    },
  };
}

/** What the bytes of an ONNX file say. */
export interface WeightsFacts {
  /** SHA-256, in hex. */
  readonly hash: string;
  /**
   * The graph measures one activation scale over a whole tensor (operator DynamicQuantizeLinear
   * and its fused kin), so that a text's vector depends on the texts and padding beside it.
   */
  readonly mixesBatch: boolean;
}

/** Operator names stand in an ONNX file as plain text. */
const mixingOperator = Buffer.from('DynamicQuantize');

/** Reads the ONNX file at `path` (and its external data, if any) once, as a stream. */
export async function readWeights(paths: readonly string[]): Promise<WeightsFacts> {
  const hash = createHash('sha256');
  let mixesBatch = false;
  for (const path of paths) {
    let tail: Uint8Array = new Uint8Array();
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      const bytes = chunk as Buffer;
      hash.update(bytes);
      mixesBatch ||= Buffer.concat([tail, bytes.subarray(0, 64)]).includes(mixingOperator);
      mixesBatch ||= bytes.includes(mixingOperator);
      tail = bytes.subarray(-mixingOperator.length);
    }
  }
  return { hash: hash.digest('hex'), mixesBatch };
}
