import { z } from 'zod';

import { SspError } from '../../errors/error.ts';
import { readMetrics, readTimings, truthShare } from '../../run/read-run.ts';
import type { RunFolder } from '../../run/run-folder.ts';
import { readJsonFile } from '../../storage/json-files.ts';
import type { Validation } from '../../types/step-metrics.ts';

/** Exact match on held-out questions in 0..1: `all`, and by the number of hops. */
const scoreSchema = z.record(z.string(), z.number()).readonly();
type Score = z.output<typeof scoreSchema>;

/** `summary.json` of a quickstart: what a run on this machine gave, and how long it took. */
const summarySchema = z
  .strictObject({
    machine: z.string(),
    /** Of the checkout; absent outside one. */
    commit: z.string().optional(),
    seed: z.int(),
    steps: z.int().min(0),
    /** By stage; `evaluation` is part of `training`, and is given apart. */
    minutes: z.record(z.string(), z.number()).readonly(),
    heldOutQuestions: z.int().min(0),
    before: scoreSchema,
    after: scoreSchema,
    /** Share of the accepted questions whose answer is right by the world's facts. */
    truth: z.number().nullable(),
    /** Path of the report. */
    report: z.string(),
  })
  .readonly();
export type Summary = z.output<typeof summarySchema>;

/** That of a finished quickstart. Throws SSP_FILE_INVALID, SSP_FILE_NOT_FOUND. */
export function readSummary({ summary }: { readonly summary: string }): Promise<Summary> {
  return readJsonFile(summary, 'summary of the quickstart', summarySchema);
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
