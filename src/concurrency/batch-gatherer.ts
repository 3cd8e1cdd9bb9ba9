import { SspError } from '../errors/error.ts';

/** What the gatherer does and how much of it at a time. */
export interface BatchGathererOptions<Result> {
  /** Answers `queries` of one lane and group: result i belongs to query i. */
  run(
    lane: string,
    group: string,
    queries: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly Result[]>;
  /** Largest batch. */
  readonly batchQueries: number;
  /** Batches of one lane that run at the same time. */
  readonly parallelBatches: number;
  /** Distinct queries that may wait. */
  readonly maxQueued: number;
  /** How long a free lane waits for company before it starts; 0 (default) starts at once. */
  readonly gatherMs?: number;
  /** Whether one query may have broken its batch, so that each is run again alone (default true). */
  mayBeOneQuery?(error: unknown): boolean;
  /** Called when a batch starts. */
  onBatch?(lane: string, queries: number): void;
  /** Called when a query joins an equal one that is waiting or running. */
  onJoin?(): void;
}

/** One distinct query that waits or runs, with everybody who asked for it. */
interface Entry<Result> {
  readonly key: string;
  readonly lane: string;
  readonly group: string;
  readonly query: string;
  readonly waiters: Set<Waiter<Result>>;
  /** The batch it runs in; undefined while it waits. */
  batch: Batch<Result> | undefined;
  /** It was in a batch that failed, so it runs by itself. */
  alone: boolean;
}

interface Batch<Result> {
  readonly entries: readonly Entry<Result>[];
  readonly controller: AbortController;
}

type Waiter<Result> = PromiseWithResolvers<Result>;

/** Where one query of a caller stands. */
interface Place<Result> {
  readonly entry: Entry<Result>;
  readonly waiter: Waiter<Result>;
}

/**
 * Gathers the queries of many callers into batches. A free lane starts with whatever waits: at once,
 * so that nothing is delayed for company, or after `gatherMs`. A batch holds one group (queries that
 * can be searched together) and takes the oldest waiting query first. Equal queries in flight are
 * answered once. A batch that fails is run again query by query, so that a query which breaks the
 * backend fails alone, except where `mayBeOneQuery` says no. When nobody waits for a batch any more,
 * it is aborted.
 */
export class BatchGatherer<Result> {
  readonly #options: BatchGathererOptions<Result>;
  readonly #entries = new Map<string, Entry<Result>>();
  /** Waiting entries by lane, oldest first. */
  readonly #queues = new Map<string, Set<Entry<Result>>>();
  readonly #running = new Map<string, number>();
  /** Lanes that wait for company. */
  readonly #gathering = new Set<string>();
  #queued = 0;

  constructor(options: BatchGathererOptions<Result>) {
    this.#options = options;
  }

  /** Distinct queries that wait. */
  get queued(): number {
    return this.#queued;
  }

  /** Batches that run. */
  get runningBatches(): number {
    return [...this.#running.values()].reduce((sum, count) => sum + count, 0);
  }

  /**
   * The results of `queries`, in order; an empty list gives an empty list. Throws SSP_OVERLOADED,
   * taking none of them, when they do not fit in the queue (an idle queue takes any number), the
   * reason of `signal` when it is aborted, and whatever `run` throws. `onResult` is called for each
   * query that has its result.
   */
  async submit(
    lane: string,
    group: string,
    queries: readonly string[],
    signal: AbortSignal,
    onResult?: () => void,
  ): Promise<Result[]> {
    signal.throwIfAborted();
    this.#admit(lane, group, queries);
    const places = queries.map((query) => this.#join(this.#entryOf(lane, group, query)));
    const leave = (): void => {
      for (const place of places) this.#leave(place, signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
    this.#gather(lane);
    try {
      const results = places.map(async ({ waiter }) => {
        const result = await waiter.promise;
        onResult?.();
        return result;
      });
      return await Promise.all(results);
    } finally {
      signal.removeEventListener('abort', leave);
      leave(); // one failed: nobody wants the others
    }
  }

  #admit(lane: string, group: string, queries: readonly string[]): void {
    if (this.#queued === 0) return;
    const fresh = new Set(queries.map((query) => keyOf(lane, group, query)));
    const added = [...fresh].filter((key) => !this.#entries.has(key)).length;
    if (added > 0 && this.#queued + added > this.#options.maxQueued) {
      throw new SspError('SSP_OVERLOADED', {
        queued: this.#queued,
        limit: this.#options.maxQueued,
      });
    }
  }

  #join(entry: Entry<Result>): Place<Result> {
    const waiter = Promise.withResolvers<Result>();
    entry.waiters.add(waiter);
    return { entry, waiter };
  }

  /** Takes a waiter that has not been told yet out of its entry. */
  #leave({ entry, waiter }: Place<Result>, reason: unknown): void {
    if (!entry.waiters.delete(waiter)) return;
    waiter.reject(reason);
    if (entry.waiters.size === 0) this.#abandon(entry);
  }

  #entryOf(lane: string, group: string, query: string): Entry<Result> {
    const key = keyOf(lane, group, query);
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#options.onJoin?.();
      return known;
    }
    const entry: Entry<Result> = {
      ...{ key, lane, group, query },
      waiters: new Set(),
      batch: undefined,
      alone: false,
    };
    this.#entries.set(key, entry);
    this.#enqueue(entry);
    return entry;
  }

  #enqueue(entry: Entry<Result>): void {
    const queue = this.#queues.get(entry.lane);
    if (queue === undefined) this.#queues.set(entry.lane, new Set([entry]));
    else queue.add(entry);
    this.#queued += 1;
  }

  #dequeue(entry: Entry<Result>): void {
    if (this.#queues.get(entry.lane)?.delete(entry) === true) this.#queued -= 1;
  }

  #gather(lane: string): void {
    const { gatherMs = 0 } = this.#options;
    if (gatherMs === 0) {
      this.#startBatches(lane);
    } else if (!this.#gathering.has(lane)) {
      this.#gathering.add(lane);
      setTimeout(() => {
        this.#gathering.delete(lane);
        this.#startBatches(lane);
      }, gatherMs);
    }
  }

  #startBatches(lane: string): void {
    const queue = this.#queues.get(lane);
    if (queue === undefined) return;
    while (queue.size > 0 && (this.#running.get(lane) ?? 0) < this.#options.parallelBatches) {
      void this.#runBatch(lane, this.#takeBatch(queue));
    }
  }

  #takeBatch(queue: Set<Entry<Result>>): Batch<Result> {
    const entries: Entry<Result>[] = [];
    for (const entry of queue) {
      const [first] = entries;
      if (first !== undefined && (entry.group !== first.group || entry.alone)) continue;
      entries.push(entry);
      if (entry.alone || entries.length === this.#options.batchQueries) break;
    }
    const batch = { entries, controller: new AbortController() };
    for (const entry of entries) {
      this.#dequeue(entry);
      entry.batch = batch;
    }
    return batch;
  }

  async #runBatch(lane: string, batch: Batch<Result>): Promise<void> {
    this.#running.set(lane, (this.#running.get(lane) ?? 0) + 1);
    this.#options.onBatch?.(lane, batch.entries.length);
    try {
      const group = batch.entries[0]?.group ?? '';
      const queries = batch.entries.map((entry) => entry.query);
      const results = await this.#options.run(lane, group, queries, batch.controller.signal);
      if (results.length !== queries.length) {
        throw new SspError('SSP_INTERNAL', {
          problem: `${results.length} results for ${queries.length} queries`,
        });
      }
      batch.entries.forEach((entry, row) => {
        const result = results[row] as Result;
        this.#settle(batch, entry, (waiter) => {
          waiter.resolve(result);
        });
      });
    } catch (error) {
      this.#fail(batch, error);
    } finally {
      this.#running.set(lane, (this.#running.get(lane) ?? 1) - 1);
      this.#startBatches(lane);
    }
  }

  #fail(batch: Batch<Result>, error: unknown): void {
    const isForAll = batch.entries.length === 1 || this.#options.mayBeOneQuery?.(error) === false;
    for (const entry of batch.entries) {
      if (isForAll || entry.waiters.size === 0) {
        this.#settle(batch, entry, (waiter) => {
          waiter.reject(error);
        });
      } else if (entry.batch === batch) {
        entry.batch = undefined;
        entry.alone = true;
        this.#enqueue(entry);
      }
    }
  }

  /** Tells everybody who waits for `entry`, unless it has left `batch`. */
  #settle(
    batch: Batch<Result>,
    entry: Entry<Result>,
    tell: (waiter: Waiter<Result>) => void,
  ): void {
    if (entry.batch !== batch) return;
    if (this.#entries.get(entry.key) === entry) this.#entries.delete(entry.key);
    for (const waiter of entry.waiters) tell(waiter);
    entry.waiters.clear();
  }

  /** Nobody waits for `entry`: it leaves the queue, or its batch ends if that holds for all of it. */
  #abandon(entry: Entry<Result>): void {
    if (entry.batch === undefined) {
      this.#dequeue(entry);
      this.#entries.delete(entry.key);
    } else if (entry.batch.entries.every((other) => other.waiters.size === 0)) {
      for (const other of entry.batch.entries) {
        if (this.#entries.get(other.key) === other) this.#entries.delete(other.key);
      }
      entry.batch.controller.abort();
    }
  }
}

function keyOf(lane: string, group: string, query: string): string {
  return `${lane}\n${group}\n${query}`;
}
