import type { EpisodeRecord, EpisodeStep, FailureKind } from '../types/episode.ts';
import { hasWords } from './answer-score.ts';
import { sharesContentWord } from './content-words.ts';

/** In parentheses the values of the SSP paper's code. */
export interface RuleFilterOptions {
  /** Unicode characters (10). */
  readonly minCharacters: number;
  /** Unicode characters (1000). */
  readonly maxCharacters: number;
  /** Words between white space (10). */
  readonly minWords: number;
  /** Searches that were carried out (2). */
  readonly minSearches: number;
  /** Whether a query may not contain the answer (false). */
  readonly rejectsAnswerInQuery: boolean;
  /** Whether a question needs a content word of what was found (false). */
  readonly needsContentWord: boolean;
}

/** Why a question is rejected, in the order of the checks: the first that applies is given. */
export const filterReasons = [
  'no-question',
  'too-few-characters',
  'too-many-characters',
  'too-few-words',
  'answer-in-question',
  'no-material',
  'too-few-searches',
  'repeated-query',
  'answer-in-query',
  'no-content-word',
] as const;
type FilterReason = (typeof filterReasons)[number];

type FilterVerdict =
  | { readonly kind: 'accepted'; readonly question: string }
  | { readonly kind: 'rejected'; readonly reason: FilterReason }
  /** The proposer's episode failed: that says nothing of its question. */
  | { readonly kind: 'failed'; readonly failure: FailureKind };

/**
 * What the checks look at. Answers and text for containment are in lower case; answers without a word,
 * such as `?`, are left out: nearly every question contains them, and no answer is right by them.
 */
interface Proposal {
  readonly question: string;
  readonly loweredAnswers: readonly string[];
  readonly results: readonly Extract<EpisodeStep, { kind: 'result' }>[];
}

type Check = (proposal: Proposal, options: RuleFilterOptions) => boolean;

/** Each check is true where its reason applies. Their order is that of {@link filterReasons}. */
const checks: Readonly<Record<Exclude<FilterReason, 'no-question'>, Check>> = {
  'too-few-characters': ({ question }, { minCharacters }) => characters(question) < minCharacters,
  'too-many-characters': ({ question }, { maxCharacters }) => characters(question) > maxCharacters,
  'too-few-words': ({ question }, { minWords }) => question.split(/\s+/).length < minWords,
  'answer-in-question': ({ question, loweredAnswers }) => containsOne(question, loweredAnswers),
  'no-material': ({ results }) => results.every(({ passages }) => passages.length === 0),
  'too-few-searches': ({ results }, { minSearches }) => results.length < minSearches,
  'repeated-query': ({ results }) =>
    new Set(results.map(({ query }) => query)).size < results.length,
  'answer-in-query': ({ results, loweredAnswers }, { rejectsAnswerInQuery }) =>
    rejectsAnswerInQuery && results.some(({ query }) => containsOne(query, loweredAnswers)),
  'no-content-word': ({ question, results }, { needsContentWord }) =>
    needsContentWord &&
    !sharesContentWord(
      question,
      results.flatMap(({ passages }) => passages),
    ),
};

/**
 * The cheap checks of a proposer's episode, before verification (released code of the SSP paper).
 * `answers` are all forms of the one ground truth. Throws a RangeError where there is none or one is
 * blank, as such a seed would reject every question.
 */
export function filterQuestion(
  { outcome, steps }: EpisodeRecord,
  answers: readonly string[],
  options: RuleFilterOptions,
): FilterVerdict {
  if (answers.length === 0 || answers.some((answer) => answer.trim() === '')) {
    throw new RangeError('A ground truth needs at least one answer, and none may be blank.');
  }
  if (outcome.kind === 'failed') return outcome;
  if (outcome.kind !== 'answered') return { kind: 'rejected', reason: 'no-question' };
  const question = outcome.text;
  const loweredAnswers = answers.filter(hasWords).map((answer) => answer.trim().toLowerCase());
  const results = steps.filter((step) => step.kind === 'result');
  const reason = filterReasons.find(
    (name) =>
      name !== 'no-question' && checks[name]({ question, loweredAnswers, results }, options),
  );
  return reason === undefined ? { kind: 'accepted', question } : { kind: 'rejected', reason };
}

/** How many proposals were accepted, were rejected for each reason, or failed. They add up. */
export function countVerdicts(
  verdicts: readonly FilterVerdict[],
): Record<'accepted' | 'failed' | FilterReason, number> {
  const counts = Object.fromEntries(
    ['accepted', 'failed', ...filterReasons].map((name) => [name, 0]),
  ) as Record<'accepted' | 'failed' | FilterReason, number>;
  for (const verdict of verdicts) {
    counts[verdict.kind === 'rejected' ? verdict.reason : verdict.kind] += 1;
  }
  return counts;
}

function containsOne(text: string, lowered: readonly string[]): boolean {
  const loweredText = text.toLowerCase();
  return lowered.some((part) => loweredText.includes(part));
}

function characters(text: string): number {
  return Array.from(text).length;
}
