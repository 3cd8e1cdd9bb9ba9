/** Mean of the numbers; 0 for none. */
export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Standard deviation with n - 1 below, as torch.std has it; 0 for fewer than two numbers. */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

/**
 * `(value - mean) / (standard deviation + 1e-6)`; the small number keeps rounding noise among
 * nearly equal values small. Exactly 0 everywhere for a single value and for equal values.
 */
export function standardize(values: readonly number[]): number[] {
  const scale = standardDeviation(values) + 1e-6;
  return center(values).map((centered) => centered / scale);
}

/** `value - mean`; exactly 0 everywhere for a single value and for equal values. */
export function center(values: readonly number[]): number[] {
  const middle = mean(values);
  const areEqual = values.every((value) => value === values[0]);
  return values.map((value) => (areEqual ? 0 : value - middle));
}
