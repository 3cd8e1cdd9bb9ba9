import { normalizeAnswer } from '../game/answer-score.ts';
import type { RuleFilterOptions } from '../game/rule-filter.ts';
import { filterQuestion } from '../game/rule-filter.ts';
import type { Searcher } from '../rollout/searcher.ts';
import type { EpisodeRecord, RetrievedPassage } from '../types/episode.ts';
import type { Random } from '../types/random.ts';
import type { Stage } from './demonstration.ts';
import { demonstrate } from './demonstration.ts';

/** A question whose answer is known. */
export interface KnownQuestion {
  readonly question: string;
  /** All forms of the one answer, at least one. */
  readonly answers: readonly string[];
}

/** What the oracle plays with. */
export interface OracleParts extends Stage {
  readonly searcher: Searcher;
  readonly filter: RuleFilterOptions;
}

const fewestWords = 8;
const mostWords = 40;
const blank = '____';
const sentenceTask = 'What is missing in this sentence?';

/**
 * A question about an answer alone, by the index: a sentence that names the answer, with a blank in
 * its place. Undefined where the search for the answer finds no such sentence. Throws what the
 * searcher throws.
 */
export async function sentenceQuestion(
  answers: readonly string[],
  searcher: Searcher,
  signal: AbortSignal,
): Promise<KnownQuestion | undefined> {
  const [first = ''] = answers;
  for (const { text } of await searcher.search(first, signal)) {
    for (const sentence of text.split(/(?<=[.!?])\s+/)) {
      const words = sentence.split(/\s+/).length;
      if (words < fewestWords || words > mostWords) continue;
      const form = longestFirst(answers).find((answer) => named(answer).test(sentence));
      if (form === undefined) continue;
      const rest = sentence.replaceAll(named(form), blank);
      if (rest.includes('�') || holdsOne(rest, answers)) continue;
      return { question: `${sentenceTask} ${rest}`, answers };
    }
  }
  return undefined;
}

/**
 * How the question is answered by one search for its own words: the answer stands in what that finds.
 * Undefined where it does not.
 */
export function solverEpisode(
  { question, answers }: KnownQuestion,
  parts: OracleParts,
  signal: AbortSignal,
): Promise<EpisodeRecord | undefined> {
  const query = question
    .replace(sentenceTask, '')
    .replaceAll(blank, ' ')
    .slice(0, parts.limits.solver.queryCharacters);
  return demonstrate(
    { role: 'solver', question },
    ({ steps }) => {
      const last = steps.at(-1);
      if (last?.kind !== 'result') return { kind: 'search', query: spaced(query) };
      const form = formIn(last.passages, answers);
      return form === undefined ? undefined : { kind: 'answer', text: form };
    },
    parts.searcher,
    parts,
    signal,
  );
}

/**
 * How the question is asked for its answer: a search for the answer, and where that finds it, the
 * question. Undefined where it does not, or the rules reject the question but for its few searches.
 */
export async function proposerEpisode(
  { question, answers }: KnownQuestion,
  parts: OracleParts,
  signal: AbortSignal,
): Promise<EpisodeRecord | undefined> {
  const [answer = ''] = answers;
  const record = await demonstrate(
    { role: 'proposer', answer, hops: 1 },
    ({ steps }) => {
      const last = steps.at(-1);
      if (last?.kind !== 'result') return { kind: 'search', query: answer };
      const isFound = formIn(last.passages, answers) !== undefined;
      return isFound ? { kind: 'question', text: question } : undefined;
    },
    parts.searcher,
    parts,
    signal,
  );
  if (record === undefined) return undefined;
  const verdict = filterQuestion(record, answers, { ...parts.filter, minSearches: 1 });
  return verdict.kind === 'accepted' ? record : undefined;
}

/** How the question is answered from what `proposal` found, with passages of others in between. */
export function verifierEpisode(
  { question, answers }: KnownQuestion,
  proposal: EpisodeRecord,
  others: readonly RetrievedPassage[],
  random: Random,
  parts: OracleParts,
  signal: AbortSignal,
): Promise<EpisodeRecord | undefined> {
  const own = passagesOf(proposal);
  const ids = new Set(own.map(({ id }) => id));
  const material = random.shuffled([...own, ...others.filter(({ id }) => !ids.has(id))]);
  const text = formIn(own, answers);
  const script = () => (text === undefined ? undefined : ({ kind: 'answer', text } as const));
  return demonstrate(
    { role: 'verifier', question, material },
    script,
    parts.searcher,
    parts,
    signal,
  );
}

/** What an episode found. */
export function passagesOf({ steps }: EpisodeRecord): RetrievedPassage[] {
  return steps.flatMap((step) => (step.kind === 'result' ? step.passages : []));
}

/** The first form of the answer that stands in the passages, word for word but for capitals. */
function formIn(
  passages: readonly RetrievedPassage[],
  answers: readonly string[],
): string | undefined {
  const texts = passages.map(({ title, text }) => ` ${normalizeAnswer(`${title} ${text}`)} `);
  return answers.find((answer) => {
    const words = normalizeAnswer(answer);
    return words !== '' && texts.some((text) => text.includes(` ${words} `));
  });
}

function holdsOne(text: string, answers: readonly string[]): boolean {
  const lowered = text.toLowerCase();
  return answers.some((answer) => lowered.includes(answer.toLowerCase()));
}

function named(answer: string): RegExp {
  const words = answer.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  return new RegExp(`(?<![\\p{L}\\p{N}])${words}(?![\\p{L}\\p{N}])`, 'gu');
}

function longestFirst(answers: readonly string[]): string[] {
  return [...answers].sort((a, b) => b.length - a.length);
}

function spaced(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}
