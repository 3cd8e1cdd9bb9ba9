/** How much of a run's episodes goes into a report. */
export interface SampleLimits {
  /** Bytes of JSON for all runs together, 0 for none. */
  readonly maxBytes: number;
  /** Steps of a run whose episodes are read at all, evenly spread. */
  readonly maxSteps: number;
}

/** A page that opens at once, made in seconds. */
export const defaultLimits: SampleLimits = { maxBytes: 6e6, maxSteps: 40 };
