import type { Corpus } from '../corpus/corpus.ts';
import type { Progress } from '../src/progress/progress.ts';
import { compactDuration } from '../src/progress/progress.ts';
import type { BuildPlan } from './build-plan.ts';

/** What every stage of a build works with. */
export interface BuildContext {
  /** Of the generation that is built. */
  readonly folder: string;
  readonly corpus: Corpus;
  readonly plan: BuildPlan;
  readonly progress: Progress;
  /** Checked between batches; an abort leaves whole batches behind. */
  readonly signal: AbortSignal;
}

const heartbeatMs = 15_000;

/**
 * Tells every quarter of a minute that `name` is at work: the engine makes an index in one call and
 * shows no progress of its own. `expectedSeconds` is what sizing expects on two cores.
 */
export async function withHeartbeat<Value>(
  progress: Progress,
  name: string,
  expectedSeconds: number,
  work: () => Promise<Value>,
): Promise<Value> {
  const startMs = performance.now();
  const expected = compactDuration(expectedSeconds * 1000);
  const timer = setInterval(() => {
    const elapsed = compactDuration(performance.now() - startMs);
    progress.note(`${name}: at work for ${elapsed}, about ${expected} in all on two cores`);
  }, heartbeatMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/**
 * Waits for native work that cannot be stopped, but no longer than until `signal` aborts: what the
 * work comes to after that is dropped.
 */
export async function orAbort<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => {
    reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([promise, work]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
