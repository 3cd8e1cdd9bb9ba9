import type { ServerContext } from '@modelcontextprotocol/server';

import { SspError } from '../../../src/errors/error.ts';

/** Notifications of one call beside the first: clients show a bar, not each query. */
const mostTold = 20;

/** Tells how far a call is. */
export interface StepTeller {
  readonly step: () => void;
  /** Everything is done; resolves when that was told. */
  end(): Promise<void>;
}

/**
 * Progress of a call of `total` steps, told where the caller has asked for it: 0 at once, then at most
 * 20 times, each time more, `total` at the end.
 */
export function stepTeller({ _meta, notify }: ServerContext['mcpReq'], total: number): StepTeller {
  const progressToken = _meta?.progressToken;
  if (progressToken === undefined) {
    return { step: () => undefined, end: () => Promise.resolve() };
  }
  let [done, told] = [0, -1];
  const tell = async (progress: number): Promise<void> => {
    if (progress <= told) return;
    told = progress;
    const params = { progressToken, progress, total };
    // Whoever does not hear it any more has gone; the call's signal says so.
    await notify({ method: 'notifications/progress', params }).catch(() => undefined);
  };
  void tell(0);
  return {
    step() {
      done = Math.min(done + 1, total);
      if (done - told >= total / mostTold) void tell(done);
    },
    end: () => tell(Math.max(total, 1)),
  };
}

/**
 * Runs `body` with a signal that ends with `signal`, and with SSP_SEARCH_TIMEOUT after `timeoutMs`.
 * Throws what `body` throws.
 */
export async function callWithin<Result>(
  timeoutMs: number,
  signal: AbortSignal,
  body: (ends: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(new SspError('SSP_SEARCH_TIMEOUT', { timeoutMs }));
  }, timeoutMs);
  try {
    return await body(AbortSignal.any([signal, controller.signal]));
  } finally {
    clearTimeout(timer);
  }
}
