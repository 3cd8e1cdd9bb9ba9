/** Excerpts by trying every place anew: what the ones of the service are held against. */

const sentenceEnd = /[.!?。！？]["'”’)\]]*(?=\s|$)/gu;

export function naiveCut(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const room = text.slice(0, maxChars);
  const sentences = Math.max(...sentenceEnds(text).filter((end) => end <= maxChars), 0);
  if (sentences >= maxChars / 2) return room.slice(0, sentences);
  const atSpace = /\s/.test(text.charAt(maxChars)) ? maxChars : room.search(/\s\S*$/);
  return atSpace > 0 ? room.slice(0, atSpace).trimEnd() : room.replace(/[\uD800-\uDBFF]$/, '');
}

export function naiveSnippet(text: string, query: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const words = new Set(wordsOf(query));
  let best = { snippet: '', score: -1 };
  for (const start of [0, ...sentenceEnds(text)]) {
    const snippet = naiveCut(text.slice(start).trimStart(), maxChars);
    const score = new Set(wordsOf(snippet).filter((word) => words.has(word))).size;
    if (score > best.score) best = { snippet, score };
  }
  return best.snippet;
}

function sentenceEnds(text: string): number[] {
  return [...text.matchAll(sentenceEnd)].map((match) => match.index + match[0].length);
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
