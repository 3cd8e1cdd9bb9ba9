/** A text that was made short enough, and whether anything was left out. */
export interface Excerpt {
  readonly text: string;
  readonly truncated: boolean;
}

/** A sentence end within the last part of the room is preferred to a fuller cut inside a sentence. */
const leastSentenceShare = 0.5;
const sentenceEnd = /[.!?。！？]["'”’)\]]*(?=\s|$)/gu;

/**
 * The beginning of `text` in at most `maxChars` UTF-16 units: whole sentences if they fill half of
 * the room, else whole words, else whole characters. Text that fits comes back as it is.
 */
export function cutText(text: string, maxChars: number): Excerpt {
  if (text.length <= maxChars) return { text, truncated: false };
  const room = text.slice(0, maxChars);
  const sentences = Math.max(...sentenceEnds(text, maxChars), 0);
  if (sentences >= maxChars * leastSentenceShare) {
    return { text: room.slice(0, sentences), truncated: true };
  }
  const atSpace = /\s/.test(text.charAt(maxChars)) ? maxChars : room.search(/\s\S*$/);
  const words = atSpace > 0 ? room.slice(0, atSpace).trimEnd() : cutCharacters(text, maxChars);
  return { text: words, truncated: true };
}

/**
 * The run of sentences of `text`, at most `maxChars` long, that holds most of the query's words;
 * the beginning where it holds none.
 */
export function snippetOf(text: string, query: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const words = new Set(wordsOf(query));
  let best = { start: 0, score: -1 };
  for (const start of [0, ...sentenceEnds(text, text.length)]) {
    const window = cutText(text.slice(start).trimStart(), maxChars).text;
    const score = new Set(wordsOf(window).filter((word) => words.has(word))).size;
    if (score > best.score) best = { start, score };
  }
  return cutText(text.slice(best.start).trimStart(), maxChars).text;
}

function sentenceEnds(text: string, limit: number): number[] {
  return [...text.matchAll(sentenceEnd)]
    .map((match) => match.index + match[0].length)
    .filter((end) => end <= limit);
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** The first `maxChars` UTF-16 units of `text`, without half a surrogate pair at the end. */
export function cutCharacters(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  return text.slice(0, maxChars).replace(/[\uD800-\uDBFF]$/, '');
}
