import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { PolicyClient } from '../clients/policy/policy-client.ts';
import { SspError } from '../errors/error.ts';
import type { RunFolder } from '../run/run-folder.ts';
import { stepName } from '../run/run-folder.ts';
import type { TrainerState } from './run-writer.ts';
import { readState, stateSteps, writeState } from './run-writer.ts';

/** What keeps the weights. */
type WeightsKeeper = Pick<PolicyClient, 'save' | 'load' | 'zero'>;

/** The checkpoints of a run: weights at the policy service, the trainer's state in the run. */
export class Checkpoints {
  readonly #folder: RunFolder;
  readonly #client: WeightsKeeper;
  readonly #keep: number;

  constructor(folder: RunFolder, client: WeightsKeeper, keep: number) {
    this.#folder = folder;
    this.#client = client;
    this.#keep = keep;
  }

  /** Saves both, the state last, then removes what need not stay; gives the state as written. */
  async save(state: TrainerState, signal: AbortSignal): Promise<TrainerState> {
    const name = stepName(state.step);
    const { path, manifestHash: hash } = await this.#client.save(name, { overwrite: true }, signal);
    const saved = { ...state, checkpoint: { name, path, hash } };
    await writeState(this.#folder, saved);
    await this.#prune(saved, dirname(path));
    return saved;
  }

  /**
   * Puts the weights of the newest whole checkpoint up to `step` into the policy service; gives its
   * state. Throws SSP_RUN_NO_CHECKPOINT without one.
   */
  async load(step: number, signal: AbortSignal): Promise<TrainerState> {
    const steps = await stateSteps(this.#folder);
    for (const candidate of steps.filter((one) => one <= step).reverse()) {
      const state = await readState(this.#folder, candidate);
      if (state.checkpoint === null) continue;
      await this.#client.zero(signal);
      await this.#client.load(state.checkpoint.name, signal);
      return state;
    }
    throw new SspError('SSP_RUN_NO_CHECKPOINT', { path: this.#folder.path });
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
      await rm(join(weights, stepName(old)), { recursive: true, force: true });
    }
  }
}
