import type { ServiceConfig } from '../../src/config/service.ts';
import { isSspError, messageOf, SspError } from '../../src/errors/error.ts';
import type { Progress } from '../../src/progress/progress.ts';
import { indexName } from '../../src/retrieval/index-head.ts';
import type { SearchIndex } from '../../src/types/retriever.ts';
import { FileCheck } from './hash-files.ts';
import type { Metrics } from './metrics.ts';
import { QueryBroker } from './query-broker.ts';
import type { QueryWatch } from './query-watch.ts';
import type { Readiness } from './readiness.ts';
import { ServedIndex } from './readiness.ts';
import { selfTest } from './self-test.ts';

/** What a service loads its indexes with. */
export interface LoaderOptions {
  readonly config: ServiceConfig;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  readonly watch?: QueryWatch;
  readonly progress: Progress;
  readonly open: (progress: Progress, signal: AbortSignal) => Promise<SearchIndex>;
}

/**
 * Loads the index of a service, and later ones in its place. A request is answered by one index from
 * its begin to its end; the index before is closed when the last of its requests has its reply.
 */
export class IndexLoader {
  readonly #options: LoaderOptions;
  readonly #check: FileCheck;
  /** Ends loads. */
  readonly #ending = new AbortController();
  /** Closes indexes, whatever is under way in them. */
  readonly #closing = new AbortController();
  /** Indexes that are being closed. */
  readonly #retiring = new Set<Promise<void>>();
  #last: Promise<unknown> = Promise.resolve();
  #waiting: Promise<void> | undefined;

  constructor(options: LoaderOptions) {
    this.#options = options;
    this.#check = new FileCheck(options.readiness, options.metrics);
  }

  /** Resolves once a file of what is served was hashed and is not what was written. */
  get damage(): Promise<void> {
    return this.#check.damage;
  }

  /** Loads the first index. Throws what `open`, the self-test and the broker throw. */
  load(): Promise<void> {
    const loading = this.#load();
    this.#last = loading.catch(() => undefined);
    return loading;
  }

  /**
   * Loads the index again and puts it in the place of the one before, which goes on where that
   * fails. What came of it is noted and counted. Of several calls while one waits there is one load.
   */
  reload(): Promise<void> {
    this.#waiting ??= this.#last.then(() => {
      this.#waiting = undefined;
      const reloading = this.#reload();
      this.#last = reloading;
      return reloading;
    });
    return this.#waiting;
  }

  /**
   * Reloads when `current` names another index than is served: each other one once, also where that
   * fails. Until {@link end} it looks every `everyMs`.
   */
  watch(current: () => Promise<string | undefined>, everyMs: number): void {
    let tried: string | undefined;
    let isLooking = false;
    const look = async (): Promise<void> => {
      const found = await current();
      const served = this.#served;
      if (found === undefined || found === tried || served === undefined) return;
      tried = found;
      if (found !== served) await this.reload();
    };
    const timer = setInterval(() => {
      if (isLooking) return;
      isLooking = true;
      void look().finally(() => (isLooking = false));
    }, everyMs).unref();
    this.#ending.signal.addEventListener('abort', () => {
      clearInterval(timer);
    });
  }

  /** Ends loads, looks and hashing; requests go on. No load that comes after it does anything. */
  end(): void {
    this.#ending.abort(new SspError('SSP_NOT_READY', { state: 'stopping' }));
    void this.#check.end();
  }

  /** Closes every index at once: to be called when nothing is under way any more. */
  async close(): Promise<void> {
    this.end();
    this.#closing.abort();
    await Promise.all([this.#last, this.#check.end()]);
    await this.#options.readiness.served?.retire(this.#closing.signal);
    await Promise.all(this.#retiring);
  }

  /** Names what is served; undefined before the first index. */
  get #served(): string | undefined {
    const index = this.#options.readiness.served?.broker.index;
    return index && indexName(index.generation, index.manifestHash);
  }

  async #reload(): Promise<void> {
    const { metrics, progress } = this.#options;
    const { signal } = this.#ending;
    try {
      signal.throwIfAborted();
      await this.#load();
      metrics.reloads.inc({ result: 'ok' });
      progress.note(`reloaded: ${this.#served ?? ''} answers searches`);
    } catch (error) {
      if (signal.aborted) return;
      metrics.reloads.inc({ result: 'failed' });
      const { code, message } = asCoded(error);
      progress.note(`the reload failed, and the index before stays: ${code}: ${message}`);
    }
  }

  async #load(): Promise<void> {
    const { config, readiness, open } = this.#options;
    const { signal } = this.#ending;
    const progress = readiness.progress(this.#options.progress);
    const index = await open(progress, signal);
    const served = await this.#tested(index, progress).catch(async (error: unknown) => {
      await index.close();
      throw error;
    });
    const before = readiness.ready(served);
    if (before !== undefined) this.#retire(before);
    this.#check.begin(served, progress, config.verifyFiles);
  }

  /** What is served of an index that passes the self-test. */
  async #tested(index: SearchIndex, progress: Progress): Promise<ServedIndex> {
    const { config, metrics, watch } = this.#options;
    const { signal } = this.#ending;
    await selfTest(index, config.selfTestPassages, signal, progress);
    signal.throwIfAborted();
    return new ServedIndex(new QueryBroker(index, config, metrics, { watch }));
  }

  #retire(before: ServedIndex): void {
    const { progress } = this.#options;
    const retiring = before.retire(this.#closing.signal).catch((error: unknown) => {
      progress.note(`the index before could not be closed: ${messageOf(error)}`);
    });
    this.#retiring.add(retiring);
    void retiring.then(() => this.#retiring.delete(retiring));
  }
}

/** An error as it is told to users. */
export function asCoded(error: unknown): SspError {
  return isSspError(error) ? error : new SspError('SSP_INTERNAL', { problem: messageOf(error) });
}
