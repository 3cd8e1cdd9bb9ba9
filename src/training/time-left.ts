import type { TrainingConfig } from '../config/training.ts';
import type { StepTimings } from '../types/step-metrics.ts';

/** Steps whose mean is taken: episodes grow and shrink while a model learns. */
const lastSteps = 5;

/**
 * Seconds until the end of a training by the steps that this process has made, the newest last:
 * validations, which only some steps have, count by themselves. Undefined after the first step, which is
 * no measure for the others: it warms up, and reuses nothing.
 */
export function secondsLeft(
  made: readonly StepTimings[],
  step: number,
  { steps, validationSteps }: Pick<TrainingConfig, 'steps' | 'validationSteps'>,
): number | undefined {
  if (step >= steps) return 0;
  const played = made.filter((timings) => timings.step > 0);
  const recent = played.slice(1).slice(-lastSteps);
  if (recent.length === 0) return undefined;
  const mean = (values: readonly number[]): number =>
    values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
  const ofStep = mean(recent.map(({ seconds }) => seconds.total - seconds.validate));
  const ofValidation = mean(
    made.map(({ seconds }) => seconds.validate).filter((value) => value > 0),
  );
  return (
    (steps - step) * ofStep + validationsAfter(step, { steps, validationSteps }) * ofValidation
  );
}

function validationsAfter(
  step: number,
  { steps, validationSteps }: Pick<TrainingConfig, 'steps' | 'validationSteps'>,
): number {
  if (validationSteps === 0) return 0;
  const regular = Math.floor(steps / validationSteps) - Math.floor(step / validationSteps);
  return regular + (steps % validationSteps === 0 ? 0 : 1);
}
