import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { SspError } from '../errors/error.ts';
import type { HubModel } from './model-hub.ts';

const weightsFile = 'model.safetensors';
/** Names the parts of weights that are too large for one file. */
const indexFile = 'model.safetensors.index.json';

/** What a language model's folder has beside its weights; a tokenizer may be missing. */
const descriptions = [
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'chat_template.jinja',
  'vocab.json',
  'merges.txt',
  'config.json',
];

/** The configuration of the language model `model` alone: what a preflight reads. */
export function hubModelConfig(model: string): HubModel {
  const files = ['config.json'];
  return { model, missing: (folder) => absentFrom(folder, files), choose: () => files };
}

const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

/** The language model `model` on the hub: safetensors weights, configuration and tokenizer. */
export function hubLanguageModel(model: string): HubModel {
  return {
    model,
    missing: missingFiles,
    choose(paths) {
      const whole = paths.includes(weightsFile);
      const parts = paths.filter((path) => /^model-\d+-of-\d+\.safetensors$/.test(path));
      if (!whole && !paths.includes(indexFile)) {
        const problem = 'it has no safetensors weights on the hub';
        throw new SspError('SSP_POLICY_MODEL_UNSUPPORTED', { path: model, problem });
      }
      const weights = whole ? [weightsFile] : [...parts, indexFile];
      return [...descriptions.filter((path) => paths.includes(path)), ...weights];
    },
  };
}

async function missingFiles(folder: string): Promise<string[]> {
  return absentFrom(folder, ['config.json', ...(await weightsOf(folder))]);
}

async function absentFrom(folder: string, files: readonly string[]): Promise<string[]> {
  const present = await Promise.all(files.map((file) => isThere(join(folder, file))));
  return files.filter((_, i) => present[i] !== true);
}

async function weightsOf(folder: string): Promise<string[]> {
  if (!(await isThere(join(folder, indexFile)))) return [weightsFile];
  const index: unknown = JSON.parse(await readFile(join(folder, indexFile), 'utf8'));
  return [...new Set(Object.values(indexSchema.parse(index).weight_map))];
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
