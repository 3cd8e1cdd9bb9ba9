import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits that long. Throws the reason of `signal` once it is aborted; Node's own timers throw an
 * AbortError then, which says nothing of it.
 */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  signal?.throwIfAborted();
}
