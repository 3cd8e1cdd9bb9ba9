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
