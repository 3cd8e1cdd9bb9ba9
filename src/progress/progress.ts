/** One counted part of a long job. Calls are cheap; the reporter decides when to show something. */
export interface Stage {
  /** Counts `units` more as done. */
  add(units: number): void;
  /** Shows a last line with the count, the time and the mean rate. */
  end(): void;
}

/** Where long jobs report. `total` gives a share and, once the pace is known, an ETA; without it only count and rate show. */
export interface Progress {
  stage(name: string, unit: string, total?: number): Stage;
  /** A line of its own: a fact worth keeping on the screen. */
  note(text: string): void;
}

/** What a long job is given: where it reports, and what ends it. */
export interface JobContext {
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Reports nothing: for tests and for callers that show no progress. */
export const silentProgress: Progress = {
  stage: () => ({ add: () => undefined, end: () => undefined }),
  note: () => undefined,
};

const minimumMs = 1;

/** `12.3k`, `4.56M`: three significant figures with a decimal suffix. */
export function compactCount(value: number): string {
  const steps: readonly [number, string][] = [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e4, 'k'],
  ];
  for (const [size, suffix] of steps) {
    if (Math.abs(value) >= size) {
      const scaled = value / (suffix === 'k' ? 1e3 : size);
      return `${scaled >= 100 ? scaled.toFixed(0) : scaled.toPrecision(3)}${suffix}`;
    }
  }
  return value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toPrecision(2);
}

/** `45s`, `3m05s`, `2h07m`. */
export function compactDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${pad(seconds % 60)}s`;
  return `${Math.floor(seconds / 3600)}h${pad(Math.floor((seconds % 3600) / 60))}m`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

/** The line that shows a stage: count, share, rate and, where it is known, the ETA. */
export function stageLine(stage: {
  readonly name: string;
  readonly unit: string;
  readonly total?: number | undefined;
  readonly done: number;
  readonly elapsedMs: number;
  readonly ended: boolean;
  /** Milliseconds to the end, where that is known ({@link Pace}). */
  readonly leftMs?: number | undefined;
}): string {
  const { name, unit, total, done, elapsedMs, ended, leftMs } = stage;
  const perSecond = (done * 1000) / Math.max(elapsedMs, minimumMs);
  const count =
    total === undefined || ended
      ? `${compactCount(done)} ${unit}`
      : `${compactCount(done)}/${compactCount(total)} ${unit} (${Math.floor((100 * done) / Math.max(total, 1))}%)`;
  const rate = `${compactCount(perSecond)}/s`;
  if (ended) return `${name}: ${count} in ${compactDuration(elapsedMs)}, ${rate}`;
  const eta = leftMs === undefined ? '' : `, ETA ${compactDuration(leftMs)}`;
  return `${name}: ${count}, ${rate}${eta}`;
}
