/** What {@link NumberTable.find} gives for words that it does not hold. */
export const unknown = -1;

const firstPlaces = 1 << 12;
const firstCharacters = 1 << 15;
/** Of a place: hash, where the characters begin plus 1, how many they are, number; all 0 for a free one. */
const cells = 4;

/**
 * Words and a number of each, 0 to 2^32 - 1. A `Map` does the same; this finds a word that was just cut
 * out of a text in half its time, because the characters of all words lie side by side.
 */
export class NumberTable {
  #places = new Uint32Array(cells * firstPlaces);
  #characters = new Uint16Array(firstCharacters);
  #used = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The number of a word; {@link unknown} for others. */
  find(word: string): number {
    const at = this.#placeOf(word);
    return this.#places[at + 1] === 0 ? unknown : (this.#places[at + 3] ?? unknown);
  }

  /** Adds a word that is not held yet. */
  add(word: string, number: number): void {
    if (4 * this.#size >= this.#places.length / 2) this.#growPlaces();
    if (this.#used + word.length > this.#characters.length) this.#growCharacters(word.length);
    const at = this.#placeOf(word);
    this.#places.set([hashOf(word), this.#used + 1, word.length, number], at);
    for (let i = 0; i < word.length; i += 1) this.#characters[this.#used + i] = word.charCodeAt(i);
    this.#used += word.length;
    this.#size += 1;
  }

  /** The first cell of the word's place, or of the free one where it belongs. */
  #placeOf(word: string): number {
    const hash = hashOf(word);
    const last = this.#places.length - 1;
    for (let at = (cells * hash) & last; ; at = (at + cells) & last) {
      const start = this.#places[at + 1] ?? 0;
      if (start === 0) return at;
      if (this.#places[at] !== hash || this.#places[at + 2] !== word.length) continue;
      if (this.#standsAt(start - 1, word)) return at;
    }
  }

  #standsAt(start: number, word: string): boolean {
    let same = 0;
    while (same < word.length && this.#characters[start + same] === word.charCodeAt(same))
      same += 1;
    return same === word.length;
  }

  #growPlaces(): void {
    const former = this.#places;
    this.#places = new Uint32Array(2 * former.length);
    const last = this.#places.length - 1;
    for (let from = 0; from < former.length; from += cells) {
      if (former[from + 1] === 0) continue;
      let at = (cells * (former[from] ?? 0)) & last;
      while (this.#places[at + 1] !== 0) at = (at + cells) & last;
      this.#places.set(former.subarray(from, from + cells), at);
    }
  }

  #growCharacters(needed: number): void {
    const larger = new Uint16Array(2 * this.#characters.length + needed);
    larger.set(this.#characters);
    this.#characters = larger;
  }
}

/** FNV-1a over UTF-16 code units, its high bits folded into the low ones. */
function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i += 1) {
    hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  }
  return (hash ^ (hash >>> 15)) >>> 0;
}
