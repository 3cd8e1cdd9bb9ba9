/** Runs work, at most so many at a time; the rest waits its turn in order. */
export type Limiter = <Result>(
  work: () => Promise<Result>,
  signal?: AbortSignal,
) => Promise<Result>;

/**
 * A limiter of `limit` at a time, shared by all who hold it. Work whose `signal` is aborted before
 * its turn is not begun; its promise rejects with the signal's reason.
 */
export function createLimiter(limit: number): Limiter {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work, signal) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      signal?.throwIfAborted();
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

/**
 * Maps a stream with up to `limit` calls of `map` under way at once; results come in the order of
 * the source. At most `limit` results wait, so memory stays bounded. Where the source fails, the
 * results of what it gave before come first.
 */
export async function* mapOrdered<Item, Result>(
  source: AsyncIterable<Item>,
  limit: number,
  map: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const waiting: Promise<Result>[] = [];
  let failure: { readonly error: unknown } | undefined;
  const items = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await items.next().catch((error: unknown) => {
        failure = { error };
      });
      if (next === undefined || next.done === true) break;
      const result = map(next.value);
      // A failure is met when its turn comes; until then it must not count as unhandled.
      result.catch(() => undefined);
      waiting.push(result);
      if (waiting.length >= limit) yield await (waiting.shift() as Promise<Result>);
    }
    for (const result of waiting) yield await result;
  } finally {
    await items.return?.();
  }
  if (failure !== undefined) throw failure.error;
}

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
