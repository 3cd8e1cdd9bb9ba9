import type { ChatMessage } from '../types/chat-message.ts';
import type { RetrievedPassage, Role } from '../types/episode.ts';
import type { Seed } from '../types/seed.ts';
import type { GameFormat } from './format.ts';
import { neutralizeTags } from './tag-look-alikes.ts';
import { fillTemplate } from './template.ts';

/**
 * The first messages of a role's chat. Values are neutralized, as a question or an answer may hold
 * text that others wrote. Throws a RangeError where a hole has no value.
 */
export function renderPrompt(
  format: GameFormat,
  role: Role,
  values: Readonly<Record<string, string | number>>,
): ChatMessage[] {
  const { system, user } = format.prompts[role];
  const harmless = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      neutralizeTags(String(value), format.tags),
    ]),
  );
  const message = (from: 'system' | 'user', template: string): ChatMessage => ({
    role: from,
    content: fillTemplate(template, harmless),
  });
  return [...(system === undefined ? [] : [message('system', system)]), message('user', user)];
}

/** The proposer's chat: the first form of the answer, the searches to make, and examples where it has some. */
export function renderProposerPrompt(
  format: GameFormat,
  { answers, hops, examples }: Seed,
): ChatMessage[] {
  const shown =
    examples === undefined || format.examples === undefined
      ? ''
      : fillTemplate(format.examples, { examples });
  return renderPrompt(format, 'proposer', { answer: answers[0] ?? '', hops, examples: shown });
}

/** The verifier's chat: the question with the material that it is to be answered from. */
export function renderVerifierPrompt(
  format: GameFormat,
  question: string,
  passages: readonly RetrievedPassage[],
): ChatMessage[] {
  return renderPrompt(format, 'verifier', { question, material: renderPassages(passages, format) });
}

/** What is appended after a query. No passage can look like a tag of the format in it. */
export function renderInformation(
  passages: readonly RetrievedPassage[],
  format: GameFormat,
): string {
  return fillTemplate(format.results.block, { passages: renderPassages(passages, format) });
}

function renderPassages(
  passages: readonly RetrievedPassage[],
  { results, tags }: GameFormat,
): string {
  if (passages.length === 0) return results.none;
  const rendered = passages.map(({ title, text }, i) =>
    fillTemplate(results.passage, {
      rank: i + 1,
      title: neutralizeTags(title, tags),
      text: neutralizeTags(text, tags),
    }),
  );
  return rendered.join(results.separator);
}
