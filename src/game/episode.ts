import type {
  EpisodeRecord,
  EpisodeStep,
  FailureKind,
  Outcome,
  RetrievedPassage,
  Role,
  TurnAction,
} from '../types/episode.ts';
import type { GameFormat } from './format.ts';
import { isAllowed, spoilingTexts, stopTexts } from './format.ts';
import { parseTurn } from './turn-parser.ts';

/** Bounds of an episode; in parentheses the SSP paper's values. */
export interface EpisodeLimits {
  /** Turns that the model samples (10), at least 1. */
  readonly turns: number;
  /** Searches that are carried out, 0 or more; the turns bound them in the paper. */
  readonly searches: number;
  /** Tokens of the prompt (4096). */
  readonly promptTokens: number;
  /** Tokens after the prompt, sampled and put in (8192). */
  readonly responseTokens: number;
  /** Tokens of one sampled turn; undefined bounds it by the response alone. */
  readonly turnTokens?: number | undefined;
  /** UTF-16 units of a query; the search service has a limit of its own. */
  readonly queryCharacters: number;
}

/** What an episode is played by. */
export interface EpisodeRules {
  readonly role: Role;
  readonly format: GameFormat;
  readonly limits: EpisodeLimits;
  /** Whether a turn of repeated or nested tags ends while it is sampled (it does not). */
  readonly endsSpoiledTurns?: boolean;
}

/** What has to be done next, and by which function its result comes in. */
type NextAction =
  /** {@link afterSampling} */
  | {
      readonly kind: 'sample';
      readonly maxTokens: number;
      readonly stop: readonly string[];
      /** Texts that end the turn too, as nothing can come of it any more. */
      readonly spoiling: readonly string[];
    }
  /** {@link afterSearch} */
  | { readonly kind: 'search'; readonly query: string }
  /** {@link afterRemark}, with the text's tokens */
  | { readonly kind: 'remark'; readonly text: string }
  | { readonly kind: 'end'; readonly outcome: Outcome };

/** A rollout on its way. Never changed: each event gives a new one. */
export interface Episode {
  readonly rules: EpisodeRules;
  /** Token ids of the rendered prompt. */
  readonly prompt: readonly number[];
  readonly steps: readonly EpisodeStep[];
  readonly next: NextAction;
}

/** One sampled turn: T tokens up to and including a text that ends it. */
export interface SampledTurn {
  readonly tokens: readonly number[];
  /** [T] in nats; empty where the sampler gave none. */
  readonly logProbs: readonly number[];
  readonly text: string;
  readonly finishReason: 'stop' | 'length';
}

/** The limits of an episode in each role. */
export type RoleLimits = Readonly<Record<Role, EpisodeLimits>>;

/** A rollout from its prompt. A prompt over its limit ends it at once with `length-limit`. */
export function startEpisode(rules: EpisodeRules, prompt: readonly number[]): Episode {
  const next: NextAction = { kind: 'end', outcome: { kind: 'length-limit' } };
  const start: Episode = { rules, prompt, steps: [], next };
  return prompt.length > rules.limits.promptTokens ? start : sampleNext(start);
}

/**
 * Takes in a turn: the very tokens that were sampled. Throws a RangeError where log-probs and tokens
 * are not of one length, and an Error where no turn is due.
 */
export function afterSampling(episode: Episode, turn: SampledTurn): Episode {
  const { maxTokens } = expectNext(episode, 'sample');
  const { tokens, logProbs, text, finishReason } = turn;
  if (logProbs.length !== 0 && logProbs.length !== tokens.length) {
    throw new RangeError(`${tokens.length} tokens came with ${logProbs.length} log-probs.`);
  }
  const isCapped = finishReason === 'length' && maxTokens < room(episode);
  const action = permitted(actionOf(text, episode.rules, isCapped), episode.rules);
  const sampled = append(episode, { kind: 'sampled', tokens, logProbs, text, action });
  switch (action.kind) {
    case 'answer':
    case 'question':
      return end(sampled, { kind: 'answered', text: action.text });
    case 'search':
      return searchNext(sampled, action.query);
    case 'none':
      return retryNext(sampled, finishReason, action);
  }
}

/**
 * Takes in what a search found, best first, and the tokens of its rendered block, which is encoded
 * once. A block that leaves no room for another token is not appended: `length-limit`. Throws an
 * Error where no search is due.
 */
export function afterSearch(
  episode: Episode,
  passages: readonly RetrievedPassage[],
  tokens: readonly number[],
): Episode {
  const { query } = expectNext(episode, 'search');
  const kept = passages.map(({ id, title, text }) => ({ id, title, text }));
  return putIn(episode, { kind: 'result', query, passages: kept, tokens });
}

/** Takes in the tokens of the remark, as {@link afterSearch} does those of a result. */
export function afterRemark(episode: Episode, tokens: readonly number[]): Episode {
  const { text } = expectNext(episode, 'remark');
  return putIn(episode, { kind: 'remark', text, tokens });
}

/** Ends an unfinished rollout whose service failed. Throws an Error for a finished one. */
export function failEpisode(episode: Episode, failure: FailureKind): Episode {
  if (episode.next.kind === 'end') throw new Error('The episode has ended, so it cannot fail.');
  return end(episode, { kind: 'failed', failure });
}

/** Everything so far, as the model reads it: what a turn is sampled after. */
export function episodeTokens({ prompt, steps }: Episode): number[] {
  return [prompt, ...steps.map(({ tokens }) => tokens)].flat();
}

/** What is kept of a finished rollout. Throws an Error for an unfinished one. */
export function episodeRecord(episode: Episode): EpisodeRecord {
  const { rules, prompt, steps } = episode;
  return { role: rules.role, prompt, steps, outcome: expectNext(episode, 'end').outcome };
}

function expectNext<Kind extends NextAction['kind']>(
  { next }: Episode,
  kind: Kind,
): Extract<NextAction, { kind: Kind }> {
  if (!isKind(next, kind)) throw new Error(`The episode waits for ${next.kind}, not for ${kind}.`);
  return next;
}

function isKind<Kind extends NextAction['kind']>(
  next: NextAction,
  kind: Kind,
): next is Extract<NextAction, { kind: Kind }> {
  return next.kind === kind;
}

/** What the turn asks for; a turn that does nothing has the reason for which it ended, if there is one. */
function actionOf(text: string, { format, role }: EpisodeRules, isCapped: boolean): TurnAction {
  const action = parseTurn(text, format.tags);
  if (action.kind !== 'none') return action;
  if (isCapped) return { kind: 'none', reason: 'turn-too-long' };
  const spoiling = [...spoilingTexts(format, role)].find(([end]) => text.endsWith(end));
  return spoiling === undefined ? action : { kind: 'none', reason: spoiling[1] };
}

/** The action, or why the rules do not let it count. */
function permitted(action: TurnAction, { role, limits }: EpisodeRules): TurnAction {
  if (action.kind === 'none') return action;
  if (!isAllowed(action.kind, role)) return { kind: 'none', reason: 'not-allowed' };
  if (action.kind === 'search' && action.query.length > limits.queryCharacters) {
    return { kind: 'none', reason: 'query-too-long' };
  }
  return action;
}

function sampleNext(episode: Episode): Episode {
  const { format, role } = episode.rules;
  const left = room(episode);
  if (left <= 0) return end(episode, { kind: 'length-limit' });
  const maxTokens = Math.min(left, episode.rules.limits.turnTokens ?? left);
  const { endsSpoiledTurns = false } = episode.rules;
  const spoiling = endsSpoiledTurns ? [...spoilingTexts(format, role).keys()] : [];
  return {
    ...episode,
    next: { kind: 'sample', maxTokens, stop: stopTexts(format, role), spoiling },
  };
}

/** A search whose result could not be read any more is not made. */
function searchNext(episode: Episode, query: string): Episode {
  const hasSearches = count(episode, 'result') < episode.rules.limits.searches;
  if (!hasTurns(episode) || !hasSearches) return end(episode, { kind: 'turn-limit' });
  if (room(episode) <= 0) return end(episode, { kind: 'length-limit' });
  return { ...episode, next: { kind: 'search', query } };
}

/** After a turn that did nothing: another try where the format has words for it. */
function retryNext(
  episode: Episode,
  finishReason: SampledTurn['finishReason'],
  { reason }: Extract<TurnAction, { kind: 'none' }>,
): Episode {
  if (finishReason === 'length') return end(episode, { kind: 'length-limit' });
  const { remark } = episode.rules.format;
  if (remark === undefined || !hasTurns(episode))
    return end(episode, { kind: 'no-answer', reason });
  return { ...episode, next: { kind: 'remark', text: remark } };
}

function putIn(episode: Episode, step: EpisodeStep): Episode {
  if (step.tokens.length >= room(episode)) return end(episode, { kind: 'length-limit' });
  return sampleNext(append(episode, step));
}

function append(episode: Episode, step: EpisodeStep): Episode {
  return { ...episode, steps: [...episode.steps, step] };
}

function end(episode: Episode, outcome: Outcome): Episode {
  return { ...episode, next: { kind: 'end', outcome } };
}

/** Tokens that the response may still take. */
function room({ rules, steps }: Episode): number {
  return steps.reduce((left, { tokens }) => left - tokens.length, rules.limits.responseTokens);
}

function count({ steps }: Episode, kind: EpisodeStep['kind']): number {
  return steps.filter((step) => step.kind === kind).length;
}

function hasTurns(episode: Episode): boolean {
  return count(episode, 'sampled') < episode.rules.limits.turns;
}
