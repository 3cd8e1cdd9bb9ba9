/** A mean of values with weights, as they come. */
export class WeightedMean {
  #sum = 0;
  #weight = 0;

  add(value: number, weight = 1): void {
    this.#sum += value * weight;
    this.#weight += weight;
  }

  /** Null for the mean of nothing. */
  get mean(): number | null {
    return this.#weight === 0 ? null : this.#sum / this.#weight;
  }
}

/** The mean of the values; null for none. */
export function meanOf(values: readonly number[]): number | null {
  const mean = new WeightedMean();
  for (const value of values) mean.add(value);
  return mean.mean;
}
