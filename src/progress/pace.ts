/** So many times as long as the first unit took, a stage has to run before it says when it will end. */
const warmUps = 4;
const shortestMs = 1000;

/**
 * How long a stage will go on, by what it has done since its first unit. Units that run side by side all
 * wait for the first one, which says nothing of their pace: 160 episodes whose first takes ten seconds do
 * not take half an hour. The time to the first is therefore left out of the rate, and nothing is said before
 * the stage has run four times as long as that.
 */
export class Pace {
  #first: { readonly done: number; readonly atMs: number } | undefined;

  /** Notes that `done` units are ready after `elapsedMs`. */
  note(done: number, elapsedMs: number): void {
    if (done > 0) this.#first ??= { done, atMs: elapsedMs };
  }

  /** Milliseconds until `total` units; undefined while it cannot be known. */
  leftMs(total: number, done: number, elapsedMs: number): number | undefined {
    if (done >= total) return 0;
    if (this.#first === undefined || done <= this.#first.done) return undefined;
    const { done: before, atMs } = this.#first;
    if (elapsedMs < Math.max(warmUps * atMs, atMs + shortestMs)) return undefined;
    return ((total - done) * (elapsedMs - atMs)) / (done - before);
  }
}
