const punctuation = /[!-/:-@[-`{-~]/g;
// Word characters and white space as Python has them, where the reference scripts run.
const articles = /(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu;
const whiteSpace = /[\p{White_Space}\x1c-\x1f]+/u;

/**
 * The answer as SQuAD compares it (Rajpurkar et al. 2016, arXiv 1606.05250, section 6.1): lower
 * case, without ASCII punctuation, without the articles a, an and the, single spaces. May be empty.
 */
export function normalizeAnswer(text: string): string {
  return words(text).join(' ');
}

/**
 * Whether a word is left of a text after normalisation. An answer without any, such as `?` or `the`,
 * is never right; the reference scripts take it for equal to a gold answer without any.
 */
export function hasWords(text: string): boolean {
  return words(text).length > 0;
}

/** Whether the answer equals one of the gold answers after normalisation. False for none. */
export function isExactMatch(answer: string, goldAnswers: readonly string[]): boolean {
  const normalized = normalizeAnswer(answer);
  return normalized !== '' && goldAnswers.some((gold) => normalizeAnswer(gold) === normalized);
}

/**
 * The best F1 of the answer's words with those of a gold answer, 0..1, each word counted as often as
 * both have it. An answer without words gets 0; no gold answers give 0.
 */
export function f1Score(answer: string, goldAnswers: readonly string[]): number {
  const answerWords = words(answer);
  return Math.max(0, ...goldAnswers.map((gold) => overlap(answerWords, words(gold))));
}

function words(text: string): string[] {
  const plain = text.toLowerCase().replaceAll(punctuation, '').replaceAll(articles, ' ');
  return plain.split(whiteSpace).filter((word) => word !== '');
}

function overlap(answer: readonly string[], gold: readonly string[]): number {
  if (answer.length === 0) return 0;
  const left = new Map<string, number>();
  for (const word of gold) left.set(word, (left.get(word) ?? 0) + 1);
  let common = 0;
  for (const word of answer) {
    const times = left.get(word) ?? 0;
    if (times > 0) common += 1;
    left.set(word, times - 1);
  }
  // 2 P R / (P + R) with P = common / answer words and R = common / gold words.
  return (2 * common) / (answer.length + gold.length);
}
