import { setImmediate } from 'node:timers/promises';

const sliceMs = 10;

/** Keeps long work on the event loop from holding up everybody else. */
export class TimeSlices {
  #beganMs = performance.now();

  /**
   * Between two pieces of work: lets others run where the slice of some milliseconds is over. Throws
   * the reason of `signal` once it is aborted.
   */
  async next(signal: AbortSignal): Promise<void> {
    if (performance.now() - this.#beganMs >= sliceMs) {
      await setImmediate();
      this.#beganMs = performance.now();
    }
    signal.throwIfAborted();
  }
}
