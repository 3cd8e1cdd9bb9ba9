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
  resolve(value: unknown): void;
  reject(reason: unknown): void;
  readonly isGone: () => boolean;
}

interface Thread {
  readonly worker: Worker;
  job: Job | undefined;
}

/** Starts the first thread, which reads the index into memory. Throws SSP_INDEX_DAMAGED. */
export async function startSearchThreads(options: SearchThreadsOptions): Promise<SearchThreads> {
  const most = options.threads ?? availableParallelism();
  const started: Promise<Thread>[] = [];
  const idle: Thread[] = [];
  const waiting: Job[] = [];
  let isClosed = false;
  const { promise: failure, reject: fail } = Promise.withResolvers<never>();
  failure.catch(() => undefined);

  async function start(shared?: SharedIndex): Promise<{ thread: Thread; shared: SharedIndex }> {
    const { folder, counts, analyzer } = options;
    const data: SearchWorkerData = {
      ...{ folder, counts, analyzer, shared },
      ...{ thread: started.length, threads: most },
    };
    const worker = new Worker(new URL('search-worker.ts', import.meta.url), { workerData: data });
    const thread: Thread = { worker, job: undefined };
    const first = await firstReply(worker);
    worker.unref();
    worker.on('message', (reply: SearchReply) => {
      settle(thread, reply);
    });
    worker.on('error', (error) => {
      end(thread, error);
    });
    worker.on('exit', () => {
      end(thread, new Error('a search thread has ended'));
    });
    return { thread, shared: first };
  }

  function settle(thread: Thread, reply: SearchReply): void {
    const { job } = thread;
    thread.job = undefined;
    thread.worker.unref();
    idle.push(thread);
    if (reply.kind === 'done') job?.resolve(reply.value);
    if (reply.kind === 'failed') job?.reject(errorOf(reply));
    dispatch();
  }

  function end(thread: Thread, error: unknown): void {
    thread.job?.reject(error);
    thread.job = undefined;
    if (isClosed) return;
    isClosed = true;
    for (const job of waiting.splice(0)) job.reject(error);
    fail(error);
  }

  function dispatch(): void {
    while (waiting[0]?.isGone() === true) waiting.shift();
    if (waiting.length === 0) return;
    const thread = idle.pop();
    if (thread === undefined) {
      if (started.length < most) addThread();
      return;
    }
    const job = waiting.shift();
    if (job === undefined) return;
    thread.job = job;
    thread.worker.ref();
    thread.worker.postMessage(job.request);
    dispatch();
  }

  function addThread(): void {
    const next = start(shared).then(({ thread }) => {
      idle.push(thread);
      dispatch();
      return thread;
    });
    started.push(next);
    next.catch((error: unknown) => {
      for (const job of waiting.splice(0)) job.reject(error);
    });
  }

  const { thread, shared } = await start();
  started.push(Promise.resolve(thread));
  idle.push(thread);
  return {
    threads: most,
    async call(name, args, signal) {
      signal?.throwIfAborted();
      if (isClosed) throw new Error('the index is closed');
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      let isGone = false;
      waiting.push({ request: { call: name, args }, resolve, reject, isGone: () => isGone });
      const abort = (): void => {
        isGone = true;
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
      dispatch();
      try {
        return (await promise) as ReturnType<SearchCalls[typeof name]>;
      } finally {
        signal?.removeEventListener('abort', abort);
      }
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      const all = await Promise.allSettled(started);
      await Promise.all(
        all.map(async (result) => {
          if (result.status === 'fulfilled') await closeWorker(result.value.worker);
        }),
      );
    },
  };
}

async function closeWorker(worker: Worker): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  worker.once('exit', () => {
    resolve(undefined);
  });
  worker.ref();
  worker.postMessage({ call: 'close' } satisfies SearchRequest);
  await promise;
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
