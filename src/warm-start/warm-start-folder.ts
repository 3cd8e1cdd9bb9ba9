import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import { SspError } from '../errors/error.ts';
import { writeJsonAtomic } from '../storage/atomic-file.ts';
import { createFolder } from '../storage/create-folder.ts';
import { readJsonFile, readJsonLines, writeJsonLines } from '../storage/json-files.ts';
import type { Example } from './examples.ts';
import { exampleSchema } from './examples.ts';

const count = z.int().min(0);

/** How far a warm start has come. */
const stateSchema = z
  .strictObject({
    formatVersion: z.literal(1),
    /** Optimizer steps that the checkpoint has, of `steps` in all. */
    step: count,
    steps: count,
    /** Mean negative log-probability of the held-out episodes, nats a token; null without any. */
    losses: z.array(z.strictObject({ step: count, heldOut: z.number().nullable() })).readonly(),
    checkpoint: z.strictObject({ name: z.string(), path: z.string(), hash: z.string() }).readonly(),
    /** Of the model at its end, by role: turns that it took in held-out episodes. */
    played: z
      .record(
        z.string(),
        z.strictObject({ episodes: count, answered: count, turns: count, wellFormed: count }),
      )
      .optional(),
  })
  .readonly();
export type WarmStartState = z.output<typeof stateSchema>;

const settingsSchema = z.record(z.string(), z.unknown());

/**
 * What a warm start leaves: `settings.json`, first; `examples.jsonl.gz`, all that is learnt from and
 * measured on; `state.json`, after each checkpoint; the checkpoints.
 */
export class WarmStartFolder {
  readonly checkpoints: string;
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
    this.checkpoints = join(path, 'checkpoints');
  }

  /** Opens the folder or makes it. Throws SSP_WARM_START_DIFFERS for one of other settings. */
  static async open(
    path: string,
    settings: Readonly<Record<string, unknown>>,
  ): Promise<WarmStartFolder> {
    await createFolder(path);
    const file = join(path, 'settings.json');
    if (existsSync(file)) {
      const before = await readJsonFile(file, 'settings', settingsSchema);
      for (const key of new Set([...Object.keys(before), ...Object.keys(settings)])) {
        const [was, is] = [JSON.stringify(before[key]), JSON.stringify(settings[key])];
        if (was === is) continue;
        const problem = `${key} was ${was}, is ${is}`;
        throw new SspError('SSP_WARM_START_DIFFERS', { path, problem });
      }
    } else {
      await writeJsonAtomic(file, settings);
    }
    return new WarmStartFolder(path);
  }

  /** The examples of an earlier start; undefined before they were collected. */
  async examples(): Promise<Example[] | undefined> {
    const path = join(this.#path, 'examples.jsonl.gz');
    return existsSync(path) ? readJsonLines(path, 'examples', exampleSchema) : undefined;
  }

  async writeExamples(examples: readonly Example[]): Promise<void> {
    await writeJsonLines(join(this.#path, 'examples.jsonl.gz'), examples);
  }

  /** Undefined before the first checkpoint. */
  state(): Promise<WarmStartState | undefined> {
    return readWarmStartState(this.#path);
  }

  async writeState(state: WarmStartState): Promise<void> {
    await writeJsonAtomic(join(this.#path, 'state.json'), state);
  }
}

/** How far the warm start in the folder has come; undefined before its first checkpoint. */
export async function readWarmStartState(folder: string): Promise<WarmStartState | undefined> {
  const path = join(folder, 'state.json');
  return existsSync(path) ? readJsonFile(path, 'warm start', stateSchema) : undefined;
}
