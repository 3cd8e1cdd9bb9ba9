import type { StepTimings } from '../types/step-metrics.ts';

type Phase = keyof StepTimings['seconds'];
type TimedPhase = Exclude<Phase, 'total'>;

/** How long the phases of one step take; the clock starts when it is made. */
export class StepTimer {
  readonly #startMs = performance.now();
  readonly #ms: Record<TimedPhase, number> = {
    propose: 0,
    verify: 0,
    solve: 0,
    score: 0,
    update: 0,
    validate: 0,
    checkpoint: 0,
  };

  /** Runs the work and adds its time to the phase, whether it succeeds or not. */
  async run<Result>(phase: TimedPhase, work: () => Promise<Result>): Promise<Result> {
    const startMs = performance.now();
    try {
      return await work();
    } finally {
      this.#ms[phase] += performance.now() - startMs;
    }
  }

  /** Seconds so far, to the millisecond. */
  seconds(): Record<Phase, number> {
    const all = { ...this.#ms, total: performance.now() - this.#startMs };
    return Object.fromEntries(
      Object.entries(all).map(([phase, ms]) => [phase, Math.round(ms) / 1000]),
    ) as Record<Phase, number>;
  }
}
