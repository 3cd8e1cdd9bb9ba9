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

/**
 * The mean of paired differences and its percentile interval by a bootstrap of two levels, 1000 times:
 * `runs` are drawn with replacement, as is one draw of the questions for all of them, since each run
 * answers the same. A list a run of a difference a question, -1..1; null where either side failed. One
 * run or more of equal length; undefined where nothing is left to compare. Equal seeds give equal
 * intervals.
 */
export function pairedInterval(
  runs: readonly (readonly (number | null)[])[],
  seed: number,
): (Interval & { readonly mean: number }) | undefined {
  const questions = runs[0]?.length ?? 0;
  const mean = meanOver(
    runs,
    Array.from({ length: questions }, (_, i) => i),
  );
  if (mean === undefined) return undefined;
  const random = createRandom(seed, 'paired');
  const drawn = (count: number): number[] =>
    Array.from({ length: count }, () => random.below(count));
  const means = Array.from({ length: resamples }, () => {
    const some = drawn(runs.length).map((i) => runs[i] ?? []);
    return meanOver(some, drawn(questions)) ?? mean;
  }).sort((a, b) => a - b);
  return { mean, low: quantile(means, 0.025), high: quantile(means, 0.975) };
}

/** Undefined for none. */
function meanOver(
  runs: readonly (readonly (number | null)[])[],
  places: readonly number[],
): number | undefined {
  let [sum, count] = [0, 0];
  for (const differences of runs) {
    for (const place of places) {
      const difference = differences[place];
      if (typeof difference !== 'number') continue;
      sum += difference;
      count += 1;
    }
  }
  return count === 0 ? undefined : sum / count;
}

/** Between the two neighbours in proportion. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const [below = 0, above = below] = sorted.slice(Math.floor(at), Math.floor(at) + 2);
  return below + (above - below) * (at % 1);
}
