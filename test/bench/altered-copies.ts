// A corpus of any size with the statistics of real text: wiki84k and altered copies of it.
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';

import { createRandom } from '../../src/random/random.ts';
import type { Passage } from '../../src/types/passage.ts';
import type { Random } from '../../src/types/random.ts';
import { sharedFile } from './shared-data.ts';
import { wiki84kFiles } from './wiki84k.ts';

const seed = 1;
/** Share of a copy's words that give way to others. */
const alteredShare = 0.5;
/** New words that may be met again; older ones fall out of use. */
const keptNewWords = 1_000_000;

/** Heaps' law: n words of running text have `factor` * n^`exponent` different ones. */
export interface Growth {
  readonly factor: number;
  readonly exponent: number;
}

interface Words {
  readonly id: string;
  readonly title: string;
  readonly words: readonly string[];
}

/** Reads wiki84k: its passages as words, in their order. */
export async function readWords(): Promise<Words[]> {
  const text = gunzipSync(await readFile(sharedFile(wiki84kFiles[0]))).toString('utf8');
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const { id, title, text: words } = JSON.parse(line) as Passage;
    return { id, title, words: words.split(' ') };
  });
}

/** Heaps' law of wiki84k, by the different words of its first half and of all of it. */
export function growthOf(passages: readonly Words[]): Growth {
  const seen = new Set<string>();
  let total = 0;
  const counts = passages.map(({ words }) => {
    for (const word of words) seen.add(word);
    total += words.length;
    return { words: total, different: seen.size };
  });
  const [half, all] = [counts[counts.length >> 1], counts.at(-1)];
  if (half === undefined || all === undefined) return { factor: 0, exponent: 1 };
  const exponent = Math.log(all.different / half.different) / Math.log(all.words / half.words);
  return { factor: all.different / all.words ** exponent, exponent };
}

/**
 * The first `count` passages: wiki84k as it is, and copies of it. In a copy every second word of the text,
 * on average, gives way to a word drawn from wiki84k's running text, to a word never met before, or to a
 * new one of before; new words come as often as Heaps' law of wiki84k says for so much text, and are met
 * twice on average. Digits are drawn anew, and so is every second word of a title, the same for all
 * passages of a page. Ids are `<id>-<copy>`, the first copy keeps its own. Made by `seed`: the same for
 * every count.
 */
export function* alteredCopies(source: readonly Words[], count: number): Generator<Passage> {
  const text = new GrowingText(source);
  for (let made = 0; made < count; made += 1) {
    const copy = Math.floor(made / source.length);
    const passage = source[made % source.length];
    if (passage === undefined) return;
    yield copy === 0
      ? { id: passage.id, title: passage.title, text: passage.words.join(' ') }
      : text.altered(passage, copy);
  }
}

/** Running text whose vocabulary grows. */
class GrowingText {
  readonly #running: readonly string[];
  readonly #titles: readonly string[];
  readonly #growth: Growth;
  readonly #random: Random;
  readonly #newWords: string[] = [];
  #words: number;
  #made = 0;

  constructor(source: readonly Words[]) {
    this.#running = source.flatMap(({ words }) => words);
    this.#titles = [...new Set(source.map(({ title }) => title))].flatMap((title) =>
      title.split(' '),
    );
    this.#growth = growthOf(source);
    this.#random = createRandom(seed, 'text');
    this.#words = this.#running.length;
  }

  altered({ id, title, words }: Words, copy: number): Passage {
    const newShare = this.#newShare();
    const text = words.map((word) =>
      this.#random.chance(alteredShare) ? this.#drawn(newShare) : this.#otherDigits(word),
    );
    this.#words += words.length;
    return { id: `${id}-${copy}`, title: this.#titleOf(title, copy), text: text.join(' ') };
  }

  /** Share of new words among those that are drawn: the derivative of Heaps' law. */
  #newShare(): number {
    const { factor, exponent } = this.#growth;
    return (factor * exponent * this.#words ** (exponent - 1)) / alteredShare;
  }

  #drawn(newShare: number): string {
    const place = this.#random.next() / 2 ** 32;
    if (place < newShare) return this.#newWord();
    if (place < 2 * newShare && this.#newWords.length > 0) return this.#random.pick(this.#newWords);
    return this.#random.pick(this.#running);
  }

  #newWord(): string {
    const word = `${this.#random.pick(this.#running)}${letters(this.#made)}`;
    this.#newWords[this.#made % keptNewWords] = word;
    this.#made += 1;
    return word;
  }

  #otherDigits(word: string): string {
    return /\d/.test(word) ? word.replace(/\d/g, () => String(this.#random.below(10))) : word;
  }

  #titleOf(title: string, copy: number): string {
    const random = createRandom(seed, 'title', title, copy);
    const words = title.split(' ');
    return words.map((word) => (random.chance(0.5) ? random.pick(this.#titles) : word)).join(' ');
  }
}

/** A number as small letters. */
function letters(number: number): string {
  const rest = number >= 26 ? letters(Math.floor(number / 26)) : '';
  return `${rest}${String.fromCharCode(97 + (number % 26))}`;
}
