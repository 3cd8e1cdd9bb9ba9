import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

import { catalogue } from '../src/errors/catalogue.ts';
import type { ErrorCode } from '../src/errors/error.ts';
import { SspError } from '../src/errors/error.ts';
import type { BuildTask } from './build-tasks.ts';
import { runTask } from './build-tasks.ts';
import type { BuildReply } from './build-worker.ts';

/** A thread takes as long to start as this many passages take to index. */
const threadPassages = 10_000;

/** How tasks are run. */
interface TaskOptions {
  readonly signal: AbortSignal;
  /** Told how many units have been done since it was told last. */
  readonly onProgress: (count: number) => void;
  /** Of the corpus: with few of them no thread is started. */
  readonly passages: number;
  /** All cores by default. */
  readonly threads?: number;
}

/**
 * Runs tasks in threads of their own, at most one a core. Throws the first failure, or the signal's
 * reason at once; what the threads were doing is given up.
 */
export async function runTasks(
  tasks: readonly BuildTask[],
  { signal, onProgress, passages, threads = availableParallelism() }: TaskOptions,
): Promise<void> {
  signal.throwIfAborted();
  if (passages <= threadPassages) {
    for (const task of tasks) runTask(task, onProgress);
    return;
  }
  const queue = [...tasks];
  const workers: Worker[] = [];
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => {
    reject(signal.reason as Error);
  };
  signal.addEventListener('abort', abort, { once: true });

  async function work(): Promise<void> {
    const worker = new Worker(new URL('build-worker.ts', import.meta.url));
    workers.push(worker);
    for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
      await runIn(worker, task, onProgress);
    }
  }

  try {
    const count = Math.min(threads, queue.length);
    await Promise.race([aborted, Promise.all(Array.from({ length: count }, work))]);
  } finally {
    signal.removeEventListener('abort', abort);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function runIn(
  worker: Worker,
  task: BuildTask,
  onProgress: (count: number) => void,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const onReply = (reply: BuildReply): void => {
    if (reply.kind === 'progress') onProgress(reply.count);
    else if (reply.kind === 'done') resolve(undefined);
    else reject(errorOf(reply));
  };
  const onExit = (): void => {
    reject(new Error('a thread of the build has ended'));
  };
  worker.on('message', onReply);
  worker.on('error', reject);
  worker.on('exit', onExit);
  worker.postMessage(task);
  return promise.finally(() => {
    worker.off('message', onReply);
    worker.off('error', reject);
    worker.off('exit', onExit);
  });
}

function errorOf({ message, coded }: Extract<BuildReply, { kind: 'failed' }>): Error {
  if (coded === undefined || !(coded.code in catalogue)) return new Error(message);
  return new SspError(coded.code as ErrorCode, coded.details);
}
