import { z } from 'zod';

import { SspError } from '../../errors/error.ts';
import { readMetrics, readTimings } from '../../run/read-run.ts';
import type { RunFolder } from '../../run/run-folder.ts';
import type { StepMetrics, Validation } from '../../types/step-metrics.ts';

const share = z.number().min(0).max(1);
/** Exact match on held-out questions, over all and by the number of hops. */
const scoreSchema = z.record(z.string(), share).readonly();

/** `summary.json` of a quickstart: what a run on this machine gave, and how long it took. */
export const summarySchema = z
  .strictObject({
    machine: z.string(),
    commit: z.string().optional(),
    seed: z.int(),
    steps: z.int().min(1),
    /** By stage; `evaluation` is part of `training` as the clock runs, and is given apart. */
    minutes: z.record(z.string(), z.number().min(0)).readonly(),
    heldOutQuestions: z.int().min(1),
    before: scoreSchema,
    after: scoreSchema,
    /** Share of the accepted questions whose answer is right by the world's facts. */
    truth: share.nullable(),
    report: z.string(),
  })
  .readonly();
export type Summary = z.output<typeof summarySchema>;

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
    truth: truthOf(metrics),
    evaluationMinutes: timings.reduce((sum, { seconds }) => sum + seconds.validate, 0) / 60,
  };
}

function scoresOf({ exactMatch, exactMatchByHops }: Validation): Summary['before'] {
  return { all: exactMatch ?? 0, ...exactMatchByHops };
}

/** Over all steps; null where the facts were not known or nothing was accepted. */
export function truthOf(metrics: readonly StepMetrics[]): number | null {
  const counts = metrics.flatMap(({ truth }) => truth ?? []);
  const right = counts.reduce((sum, { true: some }) => sum + some, 0);
  const all = counts.reduce((sum, one) => sum + one.true + one.false + one.unreadable, 0);
  return all === 0 ? null : right / all;
}

/** The scores as a table: a line before, a line after, a line for the gain. */
export function summaryTable({ before, after, truth, heldOutQuestions }: Summary): string {
  const columns = Object.keys(after);
  const line = (name: string, cells: readonly string[]): string =>
    name.padEnd(34) + cells.map((cell) => cell.padStart(9)).join('');
  const cells = (score: Summary['before']): string[] =>
    columns.map((column) => (score[column] ?? 0).toFixed(3));
  const gains = columns.map((column) =>
    signed(100 * ((after[column] ?? 0) - (before[column] ?? 0))),
  );
  const heads = columns.map((column) => (column === 'all' ? 'all' : `${column} hop`));
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
