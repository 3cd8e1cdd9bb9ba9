import { setTimeout as sleep } from 'node:timers/promises';

import { isSspError, SspError } from '../../src/errors/error.ts';
import type { Progress } from '../../src/progress/progress.ts';
import type { QueryBroker } from './query-broker.ts';

const pollMs = 20;

/** An index that is searched through its broker, and what is under way in it. */
export class ServedIndex {
  readonly broker: QueryBroker;
  #uses = 0;

  constructor(broker: QueryBroker) {
    this.broker = broker;
  }

  /** Runs `body`; until it has ended the index stays open. */
  async use<Result>(body: (broker: QueryBroker) => Promise<Result>): Promise<Result> {
    this.#uses += 1;
    try {
      return await body(this.broker);
    } finally {
      this.#uses -= 1;
    }
  }

  /** Closes the index once nothing is under way in it any more, or when `signal` is aborted. */
  async retire(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && (this.#uses > 0 || this.broker.runningBatches > 0)) {
      await sleep(pollMs);
    }
    await this.broker.index.close();
  }
}

/** One stage of loading as `/readyz` shows it. */
export interface LoadStage {
  readonly name: string;
  readonly unit: string;
  done: number;
  readonly total?: number;
  ended: boolean;
}

/**
 * From the open port to the last reply: `loading`, then `ready` (or `failed`), then `stopping`. A
 * service that was ready fails where its index turns out to be damaged; another index makes it ready
 * again.
 */
export class Readiness {
  readonly stages: LoadStage[] = [];
  readonly #onDamage: (failure: SspError) => void;
  #state: 'loading' | 'ready' | 'failed' | 'stopping' = 'loading';
  #served: ServedIndex | undefined;
  #failure: SspError | undefined;

  /** `onDamage` is told once of each index that fails while it is served. */
  constructor(onDamage: (failure: SspError) => void = () => undefined) {
    this.#onDamage = onDamage;
  }

  get state(): 'loading' | 'ready' | 'failed' | 'stopping' {
    return this.#state;
  }

  /** The index that was loaded last, whatever became of it. */
  get served(): ServedIndex | undefined {
    return this.#served;
  }

  /** Why there is nothing to search, where that is a failure. */
  get failure(): SspError | undefined {
    return this.#failure;
  }

  /**
   * Runs `body` with the broker of this moment, whose index stays open until it has ended. Throws
   * SSP_NOT_READY while there is none and once the service stops, SSP_INDEX_DAMAGED where the index
   * is, and what `body` throws.
   */
  async use<Result>(body: (broker: QueryBroker) => Promise<Result>): Promise<Result> {
    const served = this.#ready();
    try {
      return await served.use(body);
    } catch (error) {
      if (isSspError(error, 'SSP_INDEX_DAMAGED')) this.damaged(served, error);
      throw error;
    }
  }

  #ready(): ServedIndex {
    if (this.#state === 'ready' && this.#served !== undefined) return this.#served;
    if (this.#state === 'failed' && isSspError(this.#failure, 'SSP_INDEX_DAMAGED')) {
      throw this.#failure;
    }
    throw new SspError('SSP_NOT_READY', { state: this.describe() });
  }

  /** The state in words: `loading (open index: 3 of 7 tables)`. */
  describe(): string {
    const stage = this.stages.findLast(({ ended }) => !ended);
    const isAtWork = this.#state === 'loading' || this.#state === 'ready';
    if (!isAtWork || stage === undefined) return this.#state;
    const of = stage.total === undefined ? '' : ` of ${stage.total}`;
    return `${this.#state} (${stage.name}: ${stage.done}${of} ${stage.unit})`;
  }

  /** From now on `served` answers; gives what did before, which is to be retired. */
  ready(served: ServedIndex): ServedIndex | undefined {
    const before = this.#served;
    this.#served = served;
    if (this.#state === 'stopping') return before;
    this.#failure = undefined;
    this.#state = 'ready';
    return before;
  }

  /** The first index could not be loaded. */
  fail(failure: SspError): void {
    if (this.#state !== 'loading') return;
    this.#failure = failure;
    this.#state = 'failed';
  }

  /** What was loaded as `served` answers no more, unless another index has taken its place. */
  damaged(served: ServedIndex, failure: SspError): void {
    if (this.#state !== 'ready' || this.#served !== served) return;
    this.#failure = failure;
    this.#state = 'failed';
    this.#onDamage(failure);
  }

  stop(): void {
    this.#state = 'stopping';
  }

  /** A {@link Progress} that is seen here and passed on to `next`; stages that ended are forgotten. */
  progress(next: Progress): Progress {
    this.stages.splice(0, Infinity, ...this.stages.filter(({ ended }) => !ended));
    return {
      note: (text) => {
        next.note(text);
      },
      stage: (name, unit, total) => {
        const stage: LoadStage = {
          ...{ name, unit, done: 0, ended: false },
          ...(total === undefined ? {} : { total }),
        };
        this.stages.push(stage);
        const shown = next.stage(name, unit, total);
        return {
          add: (units) => {
            stage.done += units;
            shown.add(units);
          },
          end: () => {
            stage.ended = true;
            shown.end();
          },
        };
      },
    };
  }
}
