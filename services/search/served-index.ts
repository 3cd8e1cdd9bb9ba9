import { setTimeout as sleep } from 'node:timers/promises';

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
