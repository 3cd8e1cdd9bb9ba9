import { normalizeAnswer } from '../game/answer-score.ts';
import type { RuleFilterOptions } from '../game/rule-filter.ts';
import { filterQuestion } from '../game/rule-filter.ts';
import type { Searcher } from '../rollout/searcher.ts';
import type { EpisodeRecord, RetrievedPassage } from '../types/episode.ts';
import type { Random } from '../types/random.ts';
import type { Script, Stage } from './demonstration.ts';
import { demonstrate } from './demonstration.ts';
import { blank, tellingSentences, without } from './sentences.ts';

/** A question whose answer is known. */
export interface KnownQuestion {
  readonly question: string;
  /** All forms of the one answer, at least one. */
  readonly answers: readonly string[];
  /** Present where two searches lead to the answer, one after the other. */
  readonly chain?: {
    /** What the first one finds and the second one asks with. */
    readonly bridge: string;
    /** The solver's. */
    readonly queries: readonly [string, string];
  };
}

/** A search, and what it must find: one of these forms, and none of `withheld`. */
interface PlannedSearch {
  readonly query: string;
  readonly finds: readonly string[];
  readonly withheld?: readonly string[];
}

/** What the oracle plays with. */
export interface OracleParts extends Stage {
  readonly searcher: Searcher;
  readonly filter: RuleFilterOptions;
}

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
    for (const sentence of tellingSentences(text)) {
      const rest = without(sentence, answers);
      if (rest !== undefined) return { question: `${sentenceTask} ${rest}`, answers };
    }
  }
  return undefined;
}

/**
 * How the question is answered: by one search for its own words, or by the two of its chain, the second
 * with what the first one found. Undefined where a search does not find what it is made for, or the
 * first of two shows the answer already.
 */
export function solverEpisode(
  { question, answers, chain }: KnownQuestion,
  parts: OracleParts,
  signal: AbortSignal,
): Promise<EpisodeRecord | undefined> {
  const { queryCharacters } = parts.limits.solver;
  const words = (text: string): string => spaced(text.slice(0, queryCharacters));
  const plan: PlannedSearch[] =
    chain === undefined
      ? [
          {
            query: words(question.replace(sentenceTask, '').replaceAll(blank, ' ')),
            finds: answers,
          },
        ]
      : [
          { query: words(chain.queries[0]), finds: [chain.bridge], withheld: answers },
          { query: words(chain.queries[1]), finds: answers },
        ];
  const script = searching(plan, (text) => ({ kind: 'answer', text }));
  return demonstrate({ role: 'solver', question }, script, parts.searcher, parts, signal);
}

/**
 * How the question is asked for its answer: a search for the answer, for a chain another one for what it
 * leads to, and where they find it, the question. Undefined where they do not, or the rules reject the
 * question but for its few searches.
 */
export async function proposerEpisode(
  { question, answers, chain }: KnownQuestion,
  parts: OracleParts,
  signal: AbortSignal,
): Promise<EpisodeRecord | undefined> {
  const plan: PlannedSearch[] = [
    { query: answers[0] ?? '', finds: answers },
    ...(chain === undefined ? [] : [{ query: chain.bridge, finds: [chain.bridge] }]),
  ];
  const script = searching(plan, () => ({ kind: 'question', text: question }));
  const task = { role: 'proposer', seed: { answers, hops: plan.length } } as const;
  const record = await demonstrate(task, script, parts.searcher, parts, signal);
  if (record === undefined) return undefined;
  const minSearches = Math.min(parts.filter.minSearches, plan.length);
  const verdict = filterQuestion(record, answers, { ...parts.filter, minSearches });
  return verdict.kind === 'accepted' ? record : undefined;
}

/** Makes the searches in their order, then ends with what the last one found. */
function searching(
  plan: readonly PlannedSearch[],
  end: (found: string) => ReturnType<Script>,
): Script {
  return ({ steps }) => {
    const results = steps.filter((step) => step.kind === 'result');
    const [last, made] = [results.at(-1), plan[results.length - 1]];
    const next = plan[results.length];
    if (last === undefined || made === undefined) {
      return next && { kind: 'search', query: next.query };
    }
    const found = formIn(last.passages, made.finds);
    if (found === undefined || formIn(last.passages, made.withheld ?? []) !== undefined) {
      return undefined;
    }
    return next === undefined ? end(found) : { kind: 'search', query: next.query };
  };
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

function spaced(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}
