import { SspError } from '../../errors/error.ts';
import { readMetrics, readTimings, truthShare } from '../../run/read-run.ts';
import type { RunFolder } from '../../run/run-folder.ts';
import type { Validation } from '../../types/step-metrics.ts';

/** Exact match on held-out questions in 0..1: `all`, and by the number of hops. */
type Score = Readonly<Record<string, number>>;

/** `summary.json` of a quickstart: what a run on this machine gave, and how long it took. */
export interface Summary {
  readonly machine: string;
  /** Of the checkout; absent outside one. */
  readonly commit?: string;
  readonly seed: number;
  readonly steps: number;
  /** By stage; `evaluation` is part of `training`, and is given apart. */
  readonly minutes: Readonly<Record<string, number>>;
  readonly heldOutQuestions: number;
  readonly before: Score;
  readonly after: Score;
  /** Share of the accepted questions whose answer is right by the world's facts. */
  readonly truth: number | null;
  /** Path of the report. */
  readonly report: string;
}

/** What a finished run says of itself: scores before and after, truth, time for evaluation. */
export async function runSummary(folder: RunFolder): Promise<
  Pick<Summary, 'steps' | 'heldOutQuestions' | 'before' | 'after' | 'truth'> & {
    readonly evaluationMinutes: number;
  }
> {
  const metrics = await readMetrics(folder);
  const scored = metrics.flatMap(({ step, validation }) =>
    validation === null ? [] : [{ step, validation }],
  );
  const [first, last] = [scored[0], scored.at(-1)];
  if (first === undefined || last === undefined) {
    const problem = 'it has no validation before and after its steps';
    throw new SspError('SSP_FILE_INVALID', { what: 'metrics', path: folder.metrics, problem });
  }
  const timings = await readTimings(folder);
  return {
    steps: last.step,
    heldOutQuestions: last.validation.questions,
    before: scoresOf(first.validation),
    after: scoresOf(last.validation),
    truth: truthShare(metrics),
    evaluationMinutes: timings.reduce((sum, { seconds }) => sum + seconds.validate, 0) / 60,
  };
}

function scoresOf({ exactMatch, exactMatchByHops }: Validation): Score {
  return { all: exactMatch ?? 0, ...exactMatchByHops };
}

/** The scores as a table: a line before, a line after, a line for the gain. */
export function summaryTable({ before, after, truth, heldOutQuestions }: Summary): string {
  // Keys that are numbers come first in an object, whatever the order they were put in.
  const columns = ['all', ...Object.keys(after).filter((column) => column !== 'all')];
  const line = (name: string, cells: readonly string[]): string =>
    name.padEnd(34) + cells.map((cell) => cell.padStart(9)).join('');
  const cells = (score: Score): string[] =>
    columns.map((column) => (score[column] ?? 0).toFixed(3));
  const gains = columns.map((column) =>
    signed(100 * ((after[column] ?? 0) - (before[column] ?? 0))),
  );
  const heads = columns.map((column) => (column === 'all' ? 'all' : `${column}-hop`));
  return [
    line(`exact match, ${heldOutQuestions} held-out questions`, heads),
    line('before self-play', cells(before)),
    line('after self-play', cells(after)),
    line('gain in points', gains),
    `true among the accepted questions: ${truth === null ? 'not known' : truth.toFixed(3)}`,
  ].join('\n');
}

function signed(points: number): string {
  return `${points < 0 ? '' : '+'}${points.toFixed(1)}`;
}
