import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';

import { z } from 'zod';

import { SspError } from '../errors/error.ts';
import { readJsonFile } from '../storage/json-files.ts';

/** Where a model lies. */
export interface FoundModel {
  /** A model folder, or the hub id of an adapter's base model. */
  readonly model: string;
  /** The LoRA adapter on top of it. */
  readonly adapter?: string;
  /** The checkpoint that was chosen, where a run's folder was named. */
  readonly checkpoint?: string;
}

const adapterConfig = z.looseObject({ base_model_name_or_path: z.string().min(1).nullish() });
const adapterFile = 'adapter_config.json';

/**
 * The model that is meant by a folder: a model folder is itself; of a checkpoint that of its weights, or
 * its adapter with the base model that it names; of a run, or of a folder of checkpoints, that of the
 * newest whole checkpoint. Any other text is given back as it came. Throws SSP_FILE_NOT_FOUND where an
 * adapter's base model is gone and nothing merged lies beside it, and SSP_FILE_INVALID.
 */
export async function findModel(path: string): Promise<FoundModel> {
  if (await isThere(path, 'config.json')) return { model: path };
  if (await isThere(path, adapterFile)) return withBase(path);
  for (const part of ['model', 'adapter', 'merged']) {
    if (await isThere(path, part)) return ofCheckpoint(path);
  }
  const checkpoint = await newestCheckpoint(path);
  if (checkpoint === undefined) return { model: path };
  return { ...(await ofCheckpoint(checkpoint)), checkpoint };
}

async function ofCheckpoint(folder: string): Promise<FoundModel> {
  if (await isThere(folder, 'model', 'config.json')) return { model: join(folder, 'model') };
  const merged = (await isThere(folder, 'merged', 'config.json')) && join(folder, 'merged');
  if (!(await isThere(folder, 'adapter', adapterFile))) return { model: merged || folder };
  try {
    return await withBase(join(folder, 'adapter'));
  } catch (error) {
    if (merged === false) throw error;
    return { model: merged };
  }
}

/** The base model of an adapter, which may have been made elsewhere. */
async function withBase(adapter: string): Promise<FoundModel> {
  const path = join(adapter, adapterFile);
  const { base_model_name_or_path: base } = await readJsonFile(path, 'adapter', adapterConfig);
  if (base && (await isThere(base, 'config.json'))) return { model: base, adapter };
  if (base && /^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(base)) return { model: base, adapter };
  const what = `base model of the adapter ${adapter} (name it: --model <base> --adapter <folder>)`;
  throw new SspError('SSP_FILE_NOT_FOUND', { what, path: base ?? '(unnamed)' });
}

/** The one with the highest number among those that are whole: a run's have a trainer's state too. */
async function newestCheckpoint(path: string): Promise<string | undefined> {
  const inRun = await isThere(path, 'checkpoints');
  const folder = inRun ? join(path, 'checkpoints') : path;
  const states = inRun && (await isThere(path, 'states')) ? join(path, 'states') : undefined;
  const names = await readdir(folder).catch(() => []);
  const numbered = names.filter((name) => !name.startsWith('.') && /\d$/.test(name));
  const number = (name: string): number => Number(/\d+$/.exec(name)?.[0]);
  for (const name of numbered.toSorted((a, b) => number(b) - number(a))) {
    const isWhole = await isThere(folder, name, 'manifest.json');
    if (isWhole && (states === undefined || (await isThere(states, `${name}.json`)))) {
      return join(folder, name);
    }
  }
  return undefined;
}

/** What to say of the choice; undefined where there was none. */
export function choiceNote({ model, adapter, checkpoint }: FoundModel): string | undefined {
  if (checkpoint === undefined && adapter === undefined) return undefined;
  const of = checkpoint === undefined ? '' : ` of the checkpoint ${basename(checkpoint)}`;
  const what = adapter === undefined ? resolve(model) : `the adapter ${adapter} on ${model}`;
  return `the model${of}: ${what}`;
}

async function isThere(...path: readonly string[]): Promise<boolean> {
  return stat(join(...path)).then(
    () => true,
    () => false,
  );
}
