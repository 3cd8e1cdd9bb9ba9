import { Pace } from './pace.ts';
import { printable, printableLine } from './printable.ts';
import type { Progress, Stage } from './progress.ts';
import { stageLine } from './progress.ts';

const terminalIntervalMs = 200;
const plainIntervalMs = 10_000;

/** What the reporter needs of a stream; `process.stderr` is one. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  /** Of a terminal: characters in a line. */
  readonly columns?: number;
  write(text: string): unknown;
}

/** Text that begins a line of its own, also where a terminal shows a stage that has not ended. */
export function ownLine(stream: ProgressStream, text: string): string {
  return stream.isTTY === true ? `\r\u001B[2K${text}` : text;
}

/**
 * Shows stages on `stream`: on a terminal one line from the stage's start on, redrawn and cut to the
 * width, as what wraps cannot be redrawn; elsewhere a plain line every ten seconds and one at the end
 * of each stage.
 */
export function terminalProgress(
  stream: ProgressStream,
  now: () => number = () => performance.now(),
): Progress {
  const onTerminal = stream.isTTY === true;
  const intervalMs = onTerminal ? terminalIntervalMs : plainIntervalMs;

  function startStage(name: string, unit: string, total?: number): Stage {
    const startMs = now();
    let done = 0;
    let shownMs = startMs;
    const pace = new Pace();
    const line = (ended: boolean): string => {
      const elapsedMs = now() - startMs;
      const leftMs = total === undefined ? undefined : pace.leftMs(total, done, elapsedMs);
      return stageLine({ name: printableLine(name), unit, total, done, elapsedMs, ended, leftMs });
    };
    const redraw = (): void => {
      const width = (stream.columns ?? 80) - 1;
      stream.write(`\r\u001B[2K${line(false).slice(0, width)}`);
    };
    if (onTerminal) redraw();
    return {
      add(units) {
        done += units;
        pace.note(done, now() - startMs);
        if (now() - shownMs < intervalMs) return;
        shownMs = now();
        if (onTerminal) redraw();
        else stream.write(`${line(false)}\n`);
      },
      end() {
        stream.write(ownLine(stream, `${line(true)}\n`));
      },
    };
  }

  return {
    stage: startStage,
    note(text) {
      stream.write(ownLine(stream, `${printable(text)}\n`));
    },
  };
}
