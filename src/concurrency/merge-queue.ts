/**
 * Sources that are merged, the one that comes first at the front: a binary heap of their numbers
 * 0..count-1. `isBefore(one, other)` says which of two comes first by what they hold at the moment;
 * a source may change only while it is not in the queue.
 */
export class MergeQueue {
  readonly #isBefore: (one: number, other: number) => boolean;
  readonly #heap: number[] = [];

  constructor(isBefore: (one: number, other: number) => boolean) {
    this.#isBefore = isBefore;
  }

  /** The source that comes first; undefined where there is none. */
  get first(): number | undefined {
    return this.#heap[0];
  }

  put(source: number): void {
    const heap = this.#heap;
    let place = heap.push(source) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#isLower(place, parent)) return;
      this.#swap(place, parent);
      place = parent;
    }
  }

  /** Takes the first source out; undefined where there is none. */
  take(): number | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length === 0 || last === undefined) return first;
    heap[0] = last;
    for (let place = 0; ;) {
      const [left, right] = [2 * place + 1, 2 * place + 2];
      let lowest = place;
      if (left < heap.length && this.#isLower(left, lowest)) lowest = left;
      if (right < heap.length && this.#isLower(right, lowest)) lowest = right;
      if (lowest === place) return first;
      this.#swap(place, lowest);
      place = lowest;
    }
  }

  #isLower(one: number, other: number): boolean {
    return this.#isBefore(this.#heap[one] ?? 0, this.#heap[other] ?? 0);
  }

  #swap(one: number, other: number): void {
    const heap = this.#heap;
    [heap[one], heap[other]] = [heap[other] ?? 0, heap[one] ?? 0];
  }
}
