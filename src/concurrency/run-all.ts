import { createLimiter } from './limiter.ts';

/**
 * Runs `work` on each item, at most `limit` at once; result i belongs to item i, none for none. The
 * signal that `work` gets is aborted with the caller's and by the first error. Throws the caller's
 * reason once it is aborted, and the first error; in either case all work has stopped by then.
 */
export async function runAll<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item, index: number, signal: AbortSignal) => Promise<Result>,
  signal: AbortSignal,
): Promise<Result[]> {
  const limiter = createLimiter(limit);
  const stop = new AbortController();
  const ends = AbortSignal.any([signal, stop.signal]);
  const run = async (item: Item, index: number): Promise<Result> => {
    try {
      return await work(item, index, ends);
    } catch (error) {
      stop.abort(error); // before the next one gets its turn
      throw error;
    }
  };
  const runs = items.map((item, index) => limiter(() => run(item, index), ends));
  const settled = await Promise.allSettled(runs);
  if (settled.some(({ status }) => status === 'rejected')) ends.throwIfAborted();
  return Promise.all(runs);
}
