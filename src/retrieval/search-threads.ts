import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

import { SspError } from '../errors/error.ts';
import type { Analyzer } from '../types/index-manifest.ts';
import type { RecordCounts } from './passage-files.ts';
import type {
  SearchCalls,
  SearchReply,
  SearchRequest,
  SearchWorkerData,
  SharedIndex,
} from './search-worker.ts';

/** How the threads of an index are started. */
export interface SearchThreadsOptions {
  /** Of the generation. */
  readonly folder: string;
  readonly counts: RecordCounts;
  /** Absent for an index without BM25. */
  readonly analyzer?: Analyzer | undefined;
  /** The most threads; all cores by default. They are started as they are needed. */
  readonly threads?: number | undefined;
}

/** The threads that search an index over shared memory. */
export interface SearchThreads {
  /** The most that run at once. */
  readonly threads: number;
  /**
   * Runs a call in the thread that is free first. Throws what the call throws, and the signal's
   * reason: a call that no thread has begun is not made then.
   */
  call<Name extends keyof SearchCalls>(
    name: Name,
    args: Parameters<SearchCalls[Name]>,
    signal?: AbortSignal,
  ): Promise<ReturnType<SearchCalls[Name]>>;
  close(): Promise<void>;
}

interface Job {
  readonly request: SearchRequest;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
  /** Nobody waits for it any more. */
  isGone: boolean;
}

interface Thread {
  readonly worker: Worker;
  /** Resolves when it has ended, as it does when it is closed. */
  readonly ended: Promise<unknown>;
  job: Job | undefined;
}

/** Starts the first thread, which reads the index into memory. Throws SSP_INDEX_DAMAGED. */
export async function startSearchThreads(options: SearchThreadsOptions): Promise<SearchThreads> {
  const pool = new ThreadPool(options);
  await pool.start();
  return pool;
}

class ThreadPool implements SearchThreads {
  readonly threads: number;
  readonly #options: SearchThreadsOptions;
  readonly #started: Promise<Thread>[] = [];
  readonly #idle: Thread[] = [];
  readonly #waiting: Job[] = [];
  /** What the first thread has read, for the others. */
  #shared: SharedIndex | undefined;
  #isClosed = false;

  constructor(options: SearchThreadsOptions) {
    this.threads = options.threads ?? availableParallelism();
    this.#options = options;
  }

  /** One thread more. */
  async start(): Promise<void> {
    const thread = this.#startThread(this.#started.length);
    this.#started.push(thread);
    this.#idle.push(await thread);
    this.#dispatch();
  }

  async call<Name extends keyof SearchCalls>(
    name: Name,
    args: Parameters<SearchCalls[Name]>,
    signal?: AbortSignal,
  ): Promise<ReturnType<SearchCalls[Name]>> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw new Error('the index is closed');
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const job: Job = { request: { call: name, args }, resolve, reject, isGone: false };
    const abort = (): void => {
      job.isGone = true;
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', abort, { once: true });
    this.#waiting.push(job);
    this.#dispatch();
    try {
      return (await promise) as ReturnType<SearchCalls[Name]>;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const all = await Promise.allSettled(this.#started);
    const threads = all.filter((result) => result.status === 'fulfilled');
    await Promise.all(threads.map(({ value }) => closeThread(value)));
  }

  async #startThread(number: number): Promise<Thread> {
    const { folder, counts, analyzer } = this.#options;
    const data: SearchWorkerData = {
      ...{ folder, counts, analyzer, shared: this.#shared },
      ...{ thread: number, threads: this.threads },
    };
    const worker = new Worker(new URL('search-worker.ts', import.meta.url), { workerData: data });
    const { promise: ended, resolve } = Promise.withResolvers<number>();
    worker.once('exit', resolve);
    const thread: Thread = { worker, ended, job: undefined };
    this.#shared = await firstReply(worker);
    // Calls keep the process alive; an idle index that nobody closed does not.
    worker.unref();
    worker.on('message', (reply: SearchReply) => {
      this.#settle(thread, reply);
    });
    worker.on('error', (error) => {
      this.#end(thread, error);
    });
    worker.on('exit', () => {
      this.#end(thread, new Error('a search thread has ended'));
    });
    return thread;
  }

  /** Gives the next calls to threads that are free, and starts one more where none is. */
  #dispatch(): void {
    for (;;) {
      while (this.#waiting[0]?.isGone === true) this.#waiting.shift();
      if (this.#waiting.length === 0) return;
      const thread = this.#idle.pop();
      if (thread === undefined) {
        this.#startAnother();
        return;
      }
      const job = this.#waiting.shift();
      if (job === undefined) return;
      thread.job = job;
      thread.worker.ref();
      thread.worker.postMessage(job.request);
    }
  }

  #startAnother(): void {
    if (this.#started.length >= this.threads) return;
    this.start().catch((error: unknown) => {
      this.#failAll(error);
    });
  }

  #settle(thread: Thread, reply: SearchReply): void {
    const { job } = thread;
    thread.job = undefined;
    if (!this.#isClosed) thread.worker.unref();
    this.#idle.push(thread);
    if (reply.kind === 'done') job?.resolve(reply.value);
    if (reply.kind === 'failed') job?.reject(errorOf(reply));
    this.#dispatch();
  }

  /** A thread ends by itself only where it lacks memory or has a defect: nothing is searched then. */
  #end(thread: Thread, error: unknown): void {
    thread.job?.reject(error);
    thread.job = undefined;
    this.#failAll(error);
  }

  #failAll(error: unknown): void {
    this.#isClosed = true;
    for (const job of this.#waiting.splice(0)) job.reject(error);
  }
}

async function closeThread({ worker, ended }: Thread): Promise<void> {
  worker.ref();
  worker.postMessage({ call: 'close' } satisfies SearchRequest);
  await ended;
}

/** What the first thread has read. Throws what it says. */
async function firstReply(worker: Worker): Promise<SharedIndex> {
  const { promise, resolve, reject } = Promise.withResolvers<SearchReply>();
  worker.once('message', resolve);
  worker.once('error', reject);
  const reply = await promise;
  worker.off('error', reject);
  if (reply.kind === 'ready') return reply.shared;
  await worker.terminate();
  throw reply.kind === 'failed' ? errorOf(reply) : new Error('a search thread did not start');
}

function errorOf({ message, damage }: Extract<SearchReply, { kind: 'failed' }>): Error {
  return damage === undefined ? new Error(message) : new SspError('SSP_INDEX_DAMAGED', damage);
}
