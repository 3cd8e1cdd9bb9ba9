import type { FormatTags } from './format.ts';

/** How a player searches and reads, in a format's tags. */
function searching({ search, result }: FormatTags): string {
  return (
    `To search, write <${search}>your query</${search}>. The best passages come back between ` +
    `<${result}> and </${result}>.`
  );
}

/** The proposer's task: a question made backwards from its answer. Holes: answer, hops. */
export function proposerTask(tags: FormatTags): string {
  const { think, question } = tags;
  return `You write a question for another player, who has a search engine and does not know the \
answer. The answer is: {answer}

Build the question backwards from the answer, with {hops} different searches:
1. Search for the answer. In what you read, choose a fact that links it to something else.
2. Search for that, and choose the next link in the same way, until you have made {hops} searches.
3. Ask for the answer by naming only the far end of the chain, so that each link has to be found.

Think between <${think}> and </${think}> whenever you have read something new. ${searching(tags)} \
Rely on the passages, not on your memory.

A good question has one answer only, which is exactly the one above; it does not contain that answer; \
it can be understood without the passages; and it has at least ten words.

End with <${question}>your question</${question}> and write nothing after it.`;
}

/** The solver's task without the question. No holes. */
export function solverTask(tags: FormatTags): string {
  const { think, answer, evidence } = tags;
  const quoting =
    evidence === undefined
      ? ''
      : `Before you answer, copy the sentences that you rely on, word for word, between ` +
        `<${evidence}> and </${evidence}>; leave that out if you did not search. `;
  return `Answer the question. You have a search engine. Think between <${think}> and </${think}> \
whenever you have read something new. ${searching(tags)} Search as often as you need to. \
${quoting}When you know the answer, write it between <${answer}> and </${answer}>, as short as it \
can be and without explanation. Example: <${answer}>Lisbon</${answer}>.`;
}

/** The verifier's task: an answer from given material alone. Holes: material, question. */
export function verifierTask({ think, answer }: FormatTags): string {
  return `Answer the question from the passages below and from nothing else. Some of them have \
nothing to do with it. Think between <${think}> and </${think}>, then write the answer between \
<${answer}> and </${answer}>, as short as it can be and without explanation. If the passages do not \
give the answer, write <${answer}>unknown</${answer}>.

Passages:
{material}

Question: {question}`;
}
