import { compactDuration } from '../progress/progress.ts';
import type { StepMetrics, StepTimings } from '../types/step-metrics.ts';

/** One step for the eye: what it gave, what it took, and how long the rest will take. */
export function stepLine(
  { step, proposer, batch, solver, truth, validation }: StepMetrics,
  { total }: StepTimings['seconds'],
  steps: number,
): string {
  const known = truth === null ? [] : [`true ${share(truth.true, proposer.valid)}`];
  const scored = validation === null ? [] : [validationText(validation)];
  const played =
    step === 0
      ? []
      : [
          `valid ${percent(proposer.validRate)}`,
          ...known,
          `batch ${batch.fresh}+${batch.reused}`,
          `solver ${percent(solver.reward)}`,
          `searches ${number(proposer.searches)}/${number(solver.searches)}`,
        ];
  const time = `${total.toFixed(1)} s`;
  const left = step === 0 ? [] : [`ETA ${compactDuration((steps - step) * total * 1000)}`];
  return `step ${step}/${steps}: ${[...played, ...scored, time, ...left].join(', ')}`;
}

function validationText({ exactMatch, exactMatchByHops }: NonNullable<StepMetrics['validation']>) {
  const byHops = Object.values(exactMatchByHops).map((value) => value.toFixed(2));
  const parts = byHops.length === 0 ? '' : ` (${byHops.join(' ')})`;
  return `validation ${exactMatch?.toFixed(3) ?? 'none'}${parts}`;
}

function share(part: number, whole: number): string {
  return percent(whole === 0 ? null : part / whole);
}

function percent(value: number | null): string {
  return value === null ? '-' : `${Math.round(100 * value)}%`;
}

function number(value: number | null): string {
  return value === null ? '-' : value.toFixed(1);
}
