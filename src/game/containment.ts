import { isExactMatch, normalizeAnswer } from './answer-score.ts';
import { contentWords } from './content-words.ts';

/**
 * What counts as right beside an equal answer: nothing (`off`), an answer that contains a true one
 * (`contains`: `the city of Riga` for `Riga`), or one that contains it or is contained in it (`either`:
 * `Kitzbühel` for `Kitzbühel Alps` too).
 */
export type Containment = 'off' | 'contains' | 'either';

/**
 * Whether the answer is right by containment alone: it matches no gold answer, but its words after
 * normalisation hold those of one as a run, or the other way round where that counts. What is contained
 * needs a content word, so that `one of` is no near miss. False for no gold answers.
 */
export function isContainmentMatch(
  answer: string,
  goldAnswers: readonly string[],
  containment: Containment,
): boolean {
  if (containment === 'off' || isExactMatch(answer, goldAnswers)) return false;
  return goldAnswers.some(
    (gold) => contains(answer, gold) || (containment === 'either' && contains(gold, answer)),
  );
}

/** Whether the words of `part` stand in `whole` as they are, in a row. */
function contains(whole: string, part: string): boolean {
  if (contentWords(part).size === 0) return false;
  return ` ${normalizeAnswer(whole)} `.includes(` ${normalizeAnswer(part)} `);
}
