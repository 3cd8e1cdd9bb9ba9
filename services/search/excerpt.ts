/** A text that was made short enough, and whether anything was left out. */
export interface Excerpt {
  readonly text: string;
  readonly truncated: boolean;
}

/** A sentence end within the last part of the room is preferred to a fuller cut inside a sentence. */
const leastSentenceShare = 0.5;
/** A snippet is looked for in so much of a text: hundreds of ordinary passages. */
const snippetSourceChars = 100_000;
const queryChars = 20_000;
const terminators = '.!?。！？';
const closers = `"'”’)]`;

/**
 * The beginning of `text` in at most `maxChars` UTF-16 units: whole sentences if they fill half of
 * the room, else whole words, else whole characters. Text that fits comes back as it is.
 */
export function cutText(text: string, maxChars: number): Excerpt {
  const end = cutEnd(text, 0, maxChars);
  return { text: text.slice(0, end), truncated: end < text.length };
}

/** The distinct words of a query (of its first 20,000 characters), which `snippetOf` looks for. */
export function queryWords(query: string): ReadonlySet<string> {
  return new Set(wordsOf(cutCharacters(query, queryChars)));
}

/**
 * The run of sentences at most `maxChars` long that holds most of `words`, the first such one; the
 * beginning where none holds any. Of a text beyond 100,000 characters the beginning is looked at. Time
 * grows with the length of the text.
 */
export function snippetOf(text: string, words: ReadonlySet<string>, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const source = cutText(text, snippetSourceChars).text;
  const inside = new WordsInside(source, words);
  let best = { start: 0, end: 0, score: -1 };
  for (const start of sentenceStarts(source)) {
    const end = cutEnd(source, start, maxChars);
    const score = inside.count(start, end);
    if (score > best.score) best = { start, end, score };
  }
  return source.slice(best.start, best.end);
}

/** The first `maxChars` UTF-16 units of `text`, without half a surrogate pair at the end. */
export function cutCharacters(text: string, maxChars: number): string {
  return text.slice(0, charactersEnd(text, maxChars));
}

/** Where the cut of `text` from `start` ends, as `cutText` says; looks at `maxChars` characters. */
function cutEnd(text: string, start: number, maxChars: number): number {
  if (text.length - start <= maxChars) return text.length;
  const limit = start + maxChars;
  for (let at = limit; at >= start + maxChars * leastSentenceShare; at -= 1) {
    if (isSpace(text, at) && endsSentence(text, at)) return at;
  }
  let end = limit;
  while (end > start && !isSpace(text, end)) end -= 1;
  if (end === start) return charactersEnd(text, limit);
  while (end > start && isSpace(text, end - 1)) end -= 1;
  return end;
}

function charactersEnd(text: string, limit: number): number {
  if (limit >= text.length) return text.length;
  const last = text.charCodeAt(limit - 1);
  return last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit;
}

/** The beginning of the text and of what follows each of its sentences, leading space left out. */
function* sentenceStarts(text: string): Generator<number> {
  yield afterSpace(text, 0);
  for (let at = 1; at < text.length; at += 1) {
    if (isSpace(text, at) && endsSentence(text, at)) yield afterSpace(text, at);
  }
}

function afterSpace(text: string, at: number): number {
  let start = at;
  while (start < text.length && isSpace(text, start)) start += 1;
  return start;
}

/** Whether a sentence ends right before `at`: with its full stop, or with quotes and brackets after it. */
function endsSentence(text: string, at: number): boolean {
  let last = at - 1;
  while (last >= 0 && closers.includes(text.charAt(last))) last -= 1;
  return last >= 0 && terminators.includes(text.charAt(last));
}

function isSpace(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  return /\s/.test(text.charAt(at));
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

interface Occurrence {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/** Counts the distinct words of a set inside parts of one text; each part begins and ends after the last. */
class WordsInside {
  readonly #text: string;
  readonly #words: ReadonlySet<string>;
  readonly #occurrences: readonly Occurrence[];
  /** How often each word stands among the occurrences from `#first` up to `#next`. */
  readonly #counts = new Map<string, number>();
  #first = 0;
  #next = 0;

  constructor(text: string, words: ReadonlySet<string>) {
    this.#text = text;
    this.#words = words;
    this.#occurrences = [...occurrencesIn(text, words)];
  }

  count(start: number, end: number): number {
    const isInsideWord = end < this.#text.length && !isSpace(this.#text, end);
    if (isInsideWord) return this.#countAnew(start, end);
    let occurrence: Occurrence | undefined;
    while ((occurrence = this.#occurrences[this.#next]) && occurrence.end <= end) {
      this.#add(occurrence.word, 1);
      this.#next += 1;
    }
    while ((occurrence = this.#occurrences[this.#first]) && occurrence.start < start) {
      this.#add(occurrence.word, -1);
      this.#first += 1;
    }
    return this.#counts.size;
  }

  /** For a part without any space, which no other such part overlaps. */
  #countAnew(start: number, end: number): number {
    const words = wordsOf(this.#text.slice(start, end));
    return new Set(words.filter((word) => this.#words.has(word))).size;
  }

  #add(word: string, change: 1 | -1): void {
    const count = (this.#counts.get(word) ?? 0) + change;
    if (count === 0) this.#counts.delete(word);
    else this.#counts.set(word, count);
  }
}

function* occurrencesIn(text: string, words: ReadonlySet<string>): Generator<Occurrence> {
  if (words.size === 0) return;
  for (const { 0: token, index } of text.matchAll(/[\p{L}\p{N}]+/gu)) {
    const lower = token.toLowerCase();
    // A letter that grows with that, as the Turkish İ does, gets a mark that is part of no word.
    const own = lower.length === token.length ? [lower] : wordsOf(token);
    for (const word of own) {
      if (words.has(word)) yield { word, start: index, end: index + token.length };
    }
  }
}
