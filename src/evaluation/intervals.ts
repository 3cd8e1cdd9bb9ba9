import { createRandom } from '../random/random.ts';

/** A 95 % confidence interval. */
interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The 97.5 % point of the standard normal distribution. */
const z = 1.959963984540054;
const resamples = 1000;

/**
 * The score interval of a share (Wilson 1927, "Probable inference, the law of succession, and
 * statistical inference"): `successes` of `trials`, 1 or more. It stays within 0..1 and has a width
 * even for shares of 0 and 1.
 */
export function wilsonInterval(successes: number, trials: number): Interval {
  const share = successes / trials;
  const spread = z ** 2 / trials;
  const middle = (share + spread / 2) / (1 + spread);
  const half = (z * Math.sqrt((share * (1 - share) + spread / 4) / trials)) / (1 + spread);
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/**
 * The percentile interval of the bootstrap (Efron and Tibshirani 1993, "An Introduction to the
 * Bootstrap", section 13.3) for the mean of the groups' means, each group resampled for itself, 1000
 * times: one group for a set's mean, one a set for their average. Each group has values. Equal seeds
 * give equal intervals.
 */
export function bootstrapInterval(groups: readonly (readonly number[])[], seed: number): Interval {
  const random = createRandom(seed, 'bootstrap');
  const resampledMean = (values: readonly number[]): number => {
    let sum = 0;
    for (let i = 0; i < values.length; i += 1) sum += values[random.below(values.length)] ?? 0;
    return sum / values.length;
  };
  const means = Array.from({ length: resamples }, () =>
    groups.reduce((sum, values) => sum + resampledMean(values) / groups.length, 0),
  ).sort((a, b) => a - b);
  return { low: quantile(means, 0.025), high: quantile(means, 0.975) };
}

/** Between the two neighbours in proportion. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const [below = 0, above = below] = sorted.slice(Math.floor(at), Math.floor(at) + 2);
  return below + (above - below) * (at % 1);
}
