import type { Searcher } from '../rollout/searcher.ts';
import type { RetrievedPassage } from '../types/episode.ts';
import type { KnownQuestion } from './oracle.ts';
import { blank, holdsOne, tellingSentences, without } from './sentences.ts';

/** Stands for the name that both sentences of a chain have. */
const link = '[X]';

/**
 * A question over two passages, from an answer alone: a sentence that names the answer and the title of its
 * passage, and a sentence of another passage that names this title too. The answer is blank, the title is
 * `[X]` in both, so the second sentence is how one comes to know it. Undefined where the search for the
 * answer leads to no such pair. Throws what the searcher throws.
 */
export async function chainQuestion(
  answers: readonly string[],
  searcher: Searcher,
  signal: AbortSignal,
): Promise<KnownQuestion | undefined> {
  for (const last of await searcher.search(answers[0] ?? '', signal)) {
    const asked = lastSentence(last, answers);
    if (asked === undefined) continue;
    const around = await searcher.search(last.title, signal);
    const told = around.map((passage) => firstSentence(passage, last, answers)).find(Boolean);
    if (told === undefined) continue;
    return {
      question: `What is missing in this sentence? ${asked} Here ${link} is the name that is missing in another one: ${told}`,
      answers,
      chain: {
        bridge: last.title,
        queries: [
          told.replaceAll(link, ' '),
          asked.replaceAll(link, () => last.title).replaceAll(blank, ' '),
        ],
      },
    };
  }
  return undefined;
}

/** A sentence with the answer and the passage's title, both taken out. */
function lastSentence(
  { title, text }: RetrievedPassage,
  answers: readonly string[],
): string | undefined {
  if (holdsOne(title, answers) || answers.some((answer) => holdsOne(answer, [title]))) {
    return undefined;
  }
  for (const sentence of tellingSentences(text)) {
    const asked = without(sentence, answers);
    const linked = asked === undefined ? undefined : without(asked, [title], link);
    if (linked !== undefined) return linked;
  }
  return undefined;
}

/** A sentence of another page that names the title, taken out, and tells nothing of the answer. */
function firstSentence(
  passage: RetrievedPassage,
  last: RetrievedPassage,
  answers: readonly string[],
): string | undefined {
  if (passage.title === last.title || holdsOne(`${passage.title} ${passage.text}`, answers)) {
    return undefined;
  }
  for (const sentence of tellingSentences(passage.text)) {
    const told = without(sentence, [last.title], link);
    if (told !== undefined) return told;
  }
  return undefined;
}
