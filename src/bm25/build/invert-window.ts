import type { TextAnalyzer } from '../analyzer/analyzer.ts';
import { longestTermBytes } from '../dictionary.ts';
import { NumberTable, unknown } from './number-table.ts';
import type { InvertedWindow } from './run-file.ts';

/** Words, and terms, that are kept from window to window. */
const mostTerms = 1_000_000;
/** Runs of text without spaces have more terms, and seldom come again: they are not kept. */
const mostKept = 9;
/** Above the numbers of all terms that are kept. */
const severalTerms = 2 ** 31;

/** What BM25 indexes of a passage: its title as a whole, its words `titleWeight` times, and its text. */
interface IndexedText {
  readonly title: string;
  readonly text: string;
}

/** Inverts windows one after the other; what it has learnt of words serves the next one. */
export interface WindowInverter {
  /** The window of at most 65,536 passages. */
  invert(passages: Iterable<IndexedText>): InvertedWindow;
}

/** An inverter for an analyzer; the windows that it gives depend on nothing before them. */
export function createWindowInverter(analyzer: TextAnalyzer, titleWeight: number): WindowInverter {
  let vocabulary = createVocabulary(analyzer);
  return {
    invert(passages) {
      if (vocabulary.terms.length > mostTerms || vocabulary.words > mostTerms)
        vocabulary = createVocabulary(analyzer);
      const tokens = new GrowingArray();
      const lengths: number[] = [];
      for (const { title, text } of passages) {
        const before = tokens.length;
        for (const term of analyzer.titleTerms(title)) vocabulary.appendTerm(term, tokens);
        const titleWords = analyzer.words(title);
        for (let i = 0; i < titleWeight; i += 1) {
          for (const word of titleWords) vocabulary.append(word, tokens);
        }
        for (const word of analyzer.words(text)) vocabulary.append(word, tokens);
        lengths.push(tokens.length - before);
      }
      return windowOf(tokens.values(), Uint32Array.from(lengths), vocabulary.terms);
    },
  };
}

interface Vocabulary {
  readonly words: number;
  readonly terms: readonly string[];
  /** Appends the numbers of a word's terms. */
  append(word: string, to: GrowingArray): void;
  /** Appends the number of a term. */
  appendTerm(term: string, to: GrowingArray): void;
}

function createVocabulary(analyzer: TextAnalyzer): Vocabulary {
  const terms: string[] = [];
  const ofTerm = new NumberTable();
  /** Most words have one term; of others the number is that of their list, from `severalTerms` on. */
  const ofWord = new NumberTable();
  const lists: (readonly number[])[] = [];

  function numberOf(term: string): number {
    const known = ofTerm.find(term);
    if (known !== unknown) return known;
    ofTerm.add(term, terms.length);
    return terms.push(term) - 1;
  }

  function learn(word: string): readonly number[] {
    const found = analyzer.termsOfWord(word);
    const numbers = found
      .filter((term) => Buffer.byteLength(term) <= longestTermBytes)
      .map(numberOf);
    const [first, ...others] = numbers;
    if (first !== undefined && others.length === 0) ofWord.add(word, first);
    else if (numbers.length <= mostKept) ofWord.add(word, severalTerms + lists.push(numbers) - 1);
    return numbers;
  }

  return {
    terms,
    get words() {
      return ofWord.size;
    },
    append(word, to) {
      const known = ofWord.find(word);
      if (known !== unknown && known < severalTerms) {
        to.push(known);
        return;
      }
      const numbers = known === unknown ? learn(word) : (lists[known - severalTerms] ?? []);
      for (const number of numbers) to.push(number);
    },
    appendTerm(term, to) {
      to.push(numberOf(term));
    },
  };
}

/** Sorts the tokens of a window by term, and counts those of a term in a row. */
function windowOf(
  tokens: Uint32Array,
  lengths: Uint32Array,
  terms: readonly string[],
): InvertedWindow {
  const starts = new Uint32Array(terms.length + 1);
  const lastRow = new Int32Array(terms.length).fill(-1);
  forEachToken(tokens, lengths, (term, row) => {
    if (lastRow[term] === row) return;
    lastRow[term] = row;
    starts[term + 1] = (starts[term + 1] ?? 0) + 1;
  });
  const order: number[] = [];
  for (let term = 0; term < terms.length; term += 1) {
    if ((starts[term + 1] ?? 0) > 0) order.push(term);
    starts[term + 1] = (starts[term + 1] ?? 0) + (starts[term] ?? 0);
  }
  const postings = starts[terms.length] ?? 0;
  const rows = new Uint16Array(postings);
  const frequencies = new Uint32Array(postings);
  const next = starts.slice(0, -1);
  lastRow.fill(-1);
  forEachToken(tokens, lengths, (term, row) => {
    let at = next[term] ?? 0;
    if (lastRow[term] === row) {
      at -= 1;
    } else {
      lastRow[term] = row;
      rows[at] = row;
      next[term] = at + 1;
    }
    frequencies[at] = (frequencies[at] ?? 0) + 1;
  });
  return { terms, order: inByteOrder(order, terms), starts, rows, frequencies, lengths };
}

function forEachToken(
  tokens: Uint32Array,
  lengths: Uint32Array,
  visit: (term: number, row: number) => void,
): void {
  let at = 0;
  for (let row = 0; row < lengths.length; row += 1) {
    for (const end = at + (lengths[row] ?? 0); at < end; at += 1) visit(tokens[at] ?? 0, row);
  }
}

/** UTF-16 code units sort as UTF-8 bytes do, but for these. */
const sortsOtherwise = /[\ud800-\uffff]/;

function inByteOrder(numbers: number[], terms: readonly string[]): number[] {
  const textOf = (number: number): string => terms[number] ?? '';
  const others = new Set(numbers.filter((number) => sortsOtherwise.test(textOf(number))));
  return numbers.sort((a, b) =>
    others.size > 0 && (others.has(a) || others.has(b))
      ? Buffer.compare(Buffer.from(textOf(a)), Buffer.from(textOf(b)))
      : Number(textOf(a) > textOf(b)) - 0.5,
  );
}

/** Numbers below 2^32, as many as come. */
class GrowingArray {
  length = 0;
  #values = new Uint32Array(1 << 20);

  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger = new Uint32Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.length] = value;
    this.length += 1;
  }

  values(): Uint32Array {
    return this.#values.subarray(0, this.length);
  }
}
