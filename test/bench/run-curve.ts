import { readMetrics, truthShare } from '../../src/run/read-run.ts';
import { runFolder } from '../../src/run/run-folder.ts';

/** What a run of the quickstart's world was after one of its steps; shares in 0..1. */
export interface CurvePoint {
  readonly step: number;
  /** Exact match on the held-out questions by number of hops, and of `all`. */
  readonly exactMatch: Readonly<Record<string, number>>;
}

/** One run, kept with a benchmark's results; it names no path. */
export interface RunCurve {
  readonly variant: string;
  readonly seed: number;
  /** At the steps that were validated. */
  readonly points: readonly CurvePoint[];
  /** Of each step after the first weights: proposals that were valid, and the accepted that were true. */
  readonly validRate: readonly (number | null)[];
  readonly truth: readonly (number | null)[];
}

/** Reads the run in the folder `path`. */
export async function runCurve(path: string, variant: string, seed: number): Promise<RunCurve> {
  const metrics = await readMetrics(runFolder(path));
  const points = metrics.flatMap(({ step, validation }) =>
    validation === null || validation.exactMatch === null
      ? []
      : [{ step, exactMatch: { all: validation.exactMatch, ...validation.exactMatchByHops } }],
  );
  const steps = metrics.filter(({ step }) => step > 0);
  return {
    ...{ variant, seed, points },
    validRate: steps.map(({ proposer }) => proposer?.validRate ?? null),
    truth: steps.map((step) => truthShare([step])),
  };
}
