import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { PolicyClient } from '../clients/policy/policy-client.ts';
import { isSspError, SspError } from '../errors/error.ts';
import { contentsText, runContents, stateSteps } from '../run/run-contents.ts';
import type { RunFolder } from '../run/run-folder.ts';
import { stepName } from '../run/run-folder.ts';
import type { TrainerState } from './run-writer.ts';
import { readState, writeState } from './run-writer.ts';

type SavedWeights = NonNullable<TrainerState['checkpoint']>;

/** What keeps the weights. */
type WeightsKeeper = Pick<PolicyClient, 'save' | 'load' | 'zero'>;

/** The checkpoints of a run: weights at the policy service, the trainer's state in the run. */
export class Checkpoints {
  readonly #folder: RunFolder;
  readonly #client: WeightsKeeper;
  readonly #keep: number;
  readonly #prefix: string;

  /** `prefix` tells this run's checkpoints apart from others at a service that several runs use. */
  constructor(folder: RunFolder, client: WeightsKeeper, keep: number, prefix = '') {
    this.#folder = folder;
    this.#client = client;
    this.#keep = keep;
    this.#prefix = prefix;
  }

  /** Saves both, the state last, then removes what need not stay; gives the state as written. */
  async save(state: TrainerState, signal: AbortSignal): Promise<TrainerState> {
    const name = this.#nameOf(state.step);
    const { path, manifestHash: hash } = await this.#client.save(name, { overwrite: true }, signal);
    const saved = { ...state, checkpoint: { name, path, hash } };
    await writeState(this.#folder, saved);
    await this.#prune(saved, dirname(path));
    return saved;
  }

  /**
   * Puts the weights of the newest checkpoint up to `step` into the policy service; gives its state.
   * Throws SSP_RUN_NO_CHECKPOINT without one, and SSP_RUN_CHECKPOINT_DAMAGED, which names the newest
   * older one, where its state or its weights are not whole or not those that were saved.
   */
  async load(step: number, signal: AbortSignal): Promise<TrainerState> {
    const steps = (await stateSteps(this.#folder)).filter((one) => one <= step);
    const newest = steps.pop();
    const { path } = this.#folder;
    if (newest === undefined) {
      const has = contentsText(await runContents(this.#folder));
      throw new SspError('SSP_RUN_NO_CHECKPOINT', { path, has });
    }
    try {
      const state = await readState(this.#folder, newest);
      if (state.checkpoint !== null) await this.#put(state.checkpoint, signal);
      return state;
    } catch (error) {
      if (!isDamage(error)) throw error;
      const details = { step: newest, path, problem: error.message, offer: offerOf(path, steps) };
      throw new SspError('SSP_RUN_CHECKPOINT_DAMAGED', details, { cause: error });
    }
  }

  /** Other weights of that name than those that were saved are refused by the service. */
  async #put({ name, hash }: SavedWeights, signal: AbortSignal): Promise<void> {
    await this.#client.zero(signal);
    await this.#client.load(name, { hash, signal });
  }

  #nameOf(step: number): string {
    return `${this.#prefix}${stepName(step)}`;
  }

  /**
   * The newest ones stay, the best by validation, and those from before each present alarm. The
   * weights that go lie in `weights`, beside those just written, and not where an old state says: in a
   * copied run that is the run it was copied from. A service on another machine keeps its own.
   */
  async #prune({ best, step, streaks }: TrainerState, weights: string): Promise<void> {
    const steps = await stateSteps(this.#folder);
    const quiet = Object.values(streaks).map((streak) =>
      steps.findLast((one) => one <= step - streak),
    );
    const kept = new Set([...steps.slice(-this.#keep), best?.step, ...quiet]);
    for (const old of steps.filter((one) => !kept.has(one))) {
      await rm(join(this.#folder.states, `${stepName(old)}.json`));
      await rm(join(weights, this.#nameOf(old)), { recursive: true, force: true });
    }
  }
}

const damagedFile = new Set(['SSP_FILE_INVALID', 'SSP_FILE_UNREADABLE', 'SSP_FILE_NOT_FOUND']);
const damagedWeights = new Set([
  'SSP_POLICY_CHECKPOINT_UNKNOWN',
  'SSP_POLICY_CHECKPOINT_DAMAGED',
  'SSP_POLICY_CHECKPOINT_DIFFERS',
]);

/** Whether the checkpoint is at fault, and not the way to it. */
function isDamage(error: unknown): error is SspError {
  if (!isSspError(error)) return false;
  return damagedFile.has(error.code) || damagedWeights.has(String(error.details['code']));
}

function offerOf(path: string, older: readonly number[]): string {
  const step = older.at(-1);
  return step === undefined
    ? 'there is no older one.'
    : `\`ssp train --run ${path} --resume-from ${step}\`.`;
}
