import type { ServiceConfig } from '../../src/config/service.ts';
import { isSspError, messageOf, SspError } from '../../src/errors/error.ts';
import type { Progress } from '../../src/progress/progress.ts';
import { indexName } from '../../src/retrieval/index-head.ts';
import type { SearchIndex } from '../../src/types/retriever.ts';
import { hashFiles } from './hash-files.ts';
import type { Metrics } from './metrics.ts';
import { QueryBroker } from './query-broker.ts';
import type { Readiness } from './readiness.ts';
import { selfTest } from './self-test.ts';
import type { ServedIndex } from './served-index.ts';

/** What a service loads its indexes with. */
export interface LoaderOptions {
  readonly config: ServiceConfig;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  readonly progress: Progress;
  readonly open: (progress: Progress, signal: AbortSignal) => Promise<SearchIndex>;
}

/**
 * Loads the index of a service, and later ones in its place. A request is answered by one index from
 * its begin to its end; the index before is closed when the last of its requests has its reply.
 */
export class IndexLoader {
  readonly #options: LoaderOptions;
  /** Ends loads. */
  readonly #ending = new AbortController();
  /** Closes indexes, whatever is under way in them. */
  readonly #closing = new AbortController();
  /** What is being closed or hashed. */
  readonly #pending = new Set<Promise<unknown>>();
  #last: Promise<unknown> = Promise.resolve();
  #waiting: Promise<void> | undefined;
  #hashing = new AbortController();
  #files = { all: 0, verified: 0, damaged: 0 };

  constructor(options: LoaderOptions) {
    this.#options = options;
    const { watch } = options.metrics;
    watch('ssp_index_files', 'Files of the index', () => this.#files.all);
    watch('ssp_index_files_verified', 'Files whose hash is right', () => this.#files.verified);
    watch('ssp_index_files_damaged', 'Files that are not right', () => this.#files.damaged);
  }

  /** Names what is served; undefined before the first index. */
  get served(): string | undefined {
    const index = this.#options.readiness.served?.broker.index;
    return index && indexName(index.generation, index.manifestHash);
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

  /** Ends loads and hashing; requests go on. No load that comes after it does anything. */
  end(): void {
    this.#ending.abort(new SspError('SSP_NOT_READY', { state: 'stopping' }));
    this.#hashing.abort();
  }

  /** Closes every index at once: to be called when nothing is under way any more. */
  async close(): Promise<void> {
    this.end();
    this.#closing.abort();
    await this.#last;
    await this.#options.readiness.served?.retire(this.#closing.signal);
    await Promise.all(this.#pending);
  }

  async #reload(): Promise<void> {
    const { metrics, progress } = this.#options;
    if (this.#ending.signal.aborted) return;
    try {
      await this.#load();
      metrics.reloads.inc({ result: 'ok' });
      progress.note(`reloaded: ${this.served ?? ''} answers searches`);
    } catch (error) {
      if (this.#ending.signal.aborted) return;
      metrics.reloads.inc({ result: 'failed' });
      const { code, message } = asCoded(error);
      progress.note(`the reload failed, and the index before stays: ${code}: ${message}`);
    }
  }

  async #load(): Promise<void> {
    const { config, readiness, metrics, open } = this.#options;
    const { signal } = this.#ending;
    const progress = readiness.progress(this.#options.progress);
    const index = await open(progress, signal);
    try {
      await selfTest(index, config.selfTestPassages, signal, progress);
      signal.throwIfAborted();
      const before = readiness.ready(new QueryBroker(index, config, metrics));
      if (before !== undefined) this.#retire(before);
    } catch (error) {
      await index.close();
      throw error;
    }
    this.#files = { all: index.files.count, verified: 0, damaged: 0 };
    this.#hashing.abort();
    if (config.verifyFiles) this.#hash(progress);
  }

  #retire(before: ServedIndex): void {
    const { progress } = this.#options;
    const closing = before.retire(this.#closing.signal).catch((error: unknown) => {
      progress.note(`the index before could not be closed: ${messageOf(error)}`);
    });
    this.#pending.add(closing);
    void closing.then(() => this.#pending.delete(closing));
  }

  /** Hashes the files of what is served while it is; damage ends its service. */
  #hash(progress: Progress): void {
    const { readiness } = this.#options;
    const { served } = readiness;
    if (served === undefined) return;
    this.#hashing = new AbortController();
    const { signal } = this.#hashing;
    const files = this.#files;
    const onFile = (): void => {
      files.verified += 1;
    };
    const hashing = hashFiles(served.broker.index.files, { progress, signal, onFile }).catch(
      (error: unknown) => {
        if (signal.aborted) return;
        if (isSspError(error, 'SSP_INDEX_DAMAGED')) {
          files.damaged += 1;
          readiness.damaged(served, error);
        } else progress.note(`the files could not be hashed: ${messageOf(error)}`);
      },
    );
    this.#pending.add(hashing);
    void hashing.then(() => this.#pending.delete(hashing));
  }
}

/** An error as it is told to users. */
export function asCoded(error: unknown): SspError {
  return isSspError(error) ? error : new SspError('SSP_INTERNAL', { problem: messageOf(error) });
}
