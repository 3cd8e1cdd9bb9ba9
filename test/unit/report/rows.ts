import type { RunData, StepRow } from '../../../src/report/report-data.ts';
import type { StepMetrics } from '../../../src/types/step-metrics.ts';
import { madeUpManifest, stepMetrics } from '../../material/report/made-up-run.ts';

/** A run of the given steps without timings and episodes, each step changed by `change`. */
export function runOf(
  name: string,
  steps: readonly number[],
  change: (metrics: StepMetrics) => StepMetrics = (metrics) => metrics,
): RunData {
  const rows = steps.map((step): StepRow => {
    const metrics = stepMetrics(step, { steps: 10, questionsPerStep: 8 });
    return { step, metrics: change(metrics), timings: undefined };
  });
  const events = rows.flatMap(({ step, metrics }) =>
    metrics.watch.map((event) => ({ step, ...event })),
  );
  const sampled = { questions: [], passages: {}, bytes: 0 };
  return {
    ...{ name, manifest: madeUpManifest, config: undefined, plannedSteps: undefined, rows, events },
    sampled: { ...sampled, totalQuestions: 0, totalSteps: 0, readSteps: 0 },
    overlap: undefined,
    probe: undefined,
    damage: [],
  };
}
