import { parentPort, Worker } from 'node:worker_threads';

import { messageOf, SspError } from '../src/errors/error.ts';

/** The task's worker died or was stopped for taking too long; the pool goes on with a new one. */
export class TaskLost extends Error {}

/**
 * What a worker of a {@link TaskPool} posts: one line when it can work, then one per task. `cpuMs` is
 * the processor time that its thread has used until then.
 */
type WorkerReply<Result> = { readonly cpuMs: number } & (
  { readonly ready: true } | { readonly result: Result } | { readonly thrown: string }
);

export interface TaskPoolOptions {
  /** Module of the worker. */
  readonly script: URL;
  readonly workerData: unknown;
  readonly workers: number;
  /**
   * A task that takes more of the processor's time loses its worker. The time in which the process
   * was stopped, the laptop slept or others had the processor does not count.
   */
  readonly taskTimeoutMs: number;
}

interface Task<Request, Result> {
  readonly request: Request;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}

/** Tasks posted to one worker: it works on the first, the next one waits there so it never idles. */
const postedTasks = 2;
/** Between two looks at a thread's processor time. */
const shortestWaitMs = 20;
const closedReason = 'the pool was closed';
/** What a task may take before it is lost; a small young generation keeps the threads lean. */
const heapLimits = { maxOldGenerationSizeMb: 768, maxYoungGenerationSizeMb: 16 };

/**
 * Worker threads that answer tasks one by one. A task whose worker hangs, crashes or runs out of
 * memory is rejected with {@link TaskLost}; its worker is replaced and the others go on.
 */
export class TaskPool<Request, Result> {
  readonly #options: TaskPoolOptions;
  readonly #waiting: Task<Request, Result>[] = [];
  readonly #threads = new Set<Thread<Request, Result>>();
  #failure: Error | undefined;
  #closed = false;

  constructor(options: TaskPoolOptions) {
    this.#options = options;
    for (let number = 0; number < options.workers; number += 1) this.#start();
  }

  /** Throws what the worker threw, {@link TaskLost}, or SSP_WORKER_FAILED if workers cannot start. */
  run(request: Request): Promise<Result> {
    return new Promise((resolve, reject) => {
      const failure = this.#closed ? new TaskLost(closedReason) : this.#failure;
      if (failure !== undefined) {
        reject(failure);
        return;
      }
      this.#waiting.push({ request, resolve, reject });
      this.#dispatch();
    });
  }

  /** Ends all workers; tasks under way and later ones are rejected with {@link TaskLost}. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const task of this.#waiting.splice(0)) task.reject(new TaskLost(closedReason));
    await Promise.all([...this.#threads].map((thread) => thread.stop(closedReason)));
  }

  #start(): void {
    const thread = new Thread<Request, Result>(this.#options, {
      idle: () => {
        this.#dispatch();
      },
      gone: (returned, error) => {
        this.#threads.delete(thread);
        this.#waiting.unshift(...returned);
        if (this.#closed) return;
        if (thread.wasReady) this.#start();
        else this.#fail(error);
        this.#dispatch();
      },
    });
    this.#threads.add(thread);
  }

  #dispatch(): void {
    for (const level of Array.from({ length: postedTasks }, (_, index) => index)) {
      for (const thread of this.#threads) {
        if (thread.posted !== level) continue;
        const task = this.#waiting.shift();
        if (task === undefined) return;
        thread.post(task);
      }
    }
  }

  /** A worker that dies before it is ready would die again: the whole pool ends. */
  #fail(error: Error): void {
    this.#failure = new SspError(
      'SSP_WORKER_FAILED',
      { problem: messageOf(error) },
      { cause: error },
    );
    for (const task of this.#waiting.splice(0)) task.reject(this.#failure);
  }
}

interface ThreadEvents<Request, Result> {
  idle(): void;
  /** `returned`: tasks that were posted but not begun. */
  gone(returned: readonly Task<Request, Result>[], error: Error): void;
}

class Thread<Request, Result> {
  wasReady = false;
  readonly #worker: Worker;
  readonly #timeoutMs: number;
  readonly #events: ThreadEvents<Request, Result>;
  readonly #tasks: Task<Request, Result>[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Processor time of the thread when its first task began. */
  #cpuMsBefore = 0;
  #reason: Error | undefined;

  constructor(options: TaskPoolOptions, events: ThreadEvents<Request, Result>) {
    this.#timeoutMs = options.taskTimeoutMs;
    this.#events = events;
    this.#worker = new Worker(options.script, {
      workerData: options.workerData,
      // Flags of this process, such as --input-type, are not meant for the worker's file.
      execArgv: [],
      resourceLimits: heapLimits,
    });
    this.#worker.on('message', (reply: WorkerReply<Result>) => {
      this.#receive(reply);
    });
    this.#worker.on('error', (error) => {
      this.#reason ??= error instanceof Error ? error : new Error(String(error));
    });
    this.#worker.on('exit', () => {
      this.#exited();
    });
  }

  get posted(): number {
    return this.#tasks.length;
  }

  post(task: Task<Request, Result>): void {
    this.#tasks.push(task);
    if (this.wasReady && this.#tasks.length === 1) this.#startTimer();
    this.#worker.postMessage(task.request);
  }

  async stop(reason: string): Promise<void> {
    this.#reason ??= new TaskLost(reason);
    await this.#worker.terminate();
  }

  #startTimer(waitMs = this.#timeoutMs): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      void this.#checkTime(this.#tasks[0]);
    }, waitMs);
  }

  /** Stops the worker if `task` has used its time up, else looks again when it may have. */
  async #checkTime(task: Task<Request, Result> | undefined): Promise<void> {
    const cpuMs = await threadCpuMs(this.#worker);
    if (cpuMs === undefined || task !== this.#tasks[0] || this.#reason !== undefined) return;
    const leftMs = this.#timeoutMs - (cpuMs - this.#cpuMsBefore);
    if (leftMs <= 0) await this.stop(`it took longer than ${this.#timeoutMs} ms`);
    else this.#startTimer(Math.max(leftMs, shortestWaitMs));
  }

  #receive(reply: WorkerReply<Result>): void {
    // Being stopped: its first task is lost, even if the result was on its way.
    if (this.#reason !== undefined) return;
    this.#cpuMsBefore = reply.cpuMs;
    if ('ready' in reply) {
      this.wasReady = true;
      if (this.#tasks.length > 0) this.#startTimer();
      return;
    }
    const task = this.#tasks.shift();
    if (this.#tasks.length > 0) this.#startTimer();
    else clearTimeout(this.#timer);
    if ('result' in reply) task?.resolve(reply.result);
    else task?.reject(new Error(reply.thrown));
    this.#events.idle();
  }

  #exited(): void {
    clearTimeout(this.#timer);
    const error = this.#reason ?? new Error('the worker ended by itself');
    // Before it was ready no task can be at fault.
    const lost = this.wasReady ? this.#tasks.shift() : undefined;
    lost?.reject(error instanceof TaskLost ? error : new TaskLost(messageOf(error)));
    this.#events.gone(this.#tasks.splice(0), error);
  }
}

/**
 * The processor time of a worker's thread, also while it is busy; undefined once it has ended. Node
 * before 24.6 cannot tell and gives Infinity: there a task's time is up when so much time has passed.
 */
async function threadCpuMs(worker: Partial<Pick<Worker, 'cpuUsage'>>): Promise<number | undefined> {
  if (worker.cpuUsage === undefined) return Infinity;
  try {
    const { user, system } = await worker.cpuUsage();
    return (user + system) / 1000;
  } catch {
    return undefined;
  }
}

/** The body of a worker of a TaskPool: answers every request, in order, with what `work` gives. */
export function answerTasks(work: (request: never) => unknown): void {
  const port = parentPort;
  if (port === null) throw new Error('this module runs in a worker thread');
  const reply = (outcome: { ready: true } | { result: unknown } | { thrown: string }): void => {
    const { user, system } = process.threadCpuUsage();
    const message: WorkerReply<unknown> = { ...outcome, cpuMs: (user + system) / 1000 };
    port.postMessage(message);
  };
  port.on('message', (request: unknown) => {
    try {
      reply({ result: work(request as never) });
    } catch (error) {
      reply({ thrown: messageOf(error) });
    }
  });
  reply({ ready: true });
}
