import type { Tokenizer } from '../chat/tokenizer.ts';
import { runAll } from '../concurrency/limits.ts';
import type { SspError } from '../errors/error.ts';
import { isSspError } from '../errors/error.ts';
import type { Episode, EpisodeRules } from '../game/episode.ts';
import {
  afterRemark,
  afterSampling,
  afterSearch,
  episodeRecord,
  failEpisode,
  startEpisode,
} from '../game/episode.ts';
import { renderInformation } from '../game/prompt.ts';
import { createRandom } from '../random/random.ts';
import type { Asker } from '../types/asker.ts';
import type { EpisodeRecord, FailureKind, Outcome } from '../types/episode.ts';
import type { Sampler } from './sampler.ts';
import type { Searcher } from './searcher.ts';

/** What an episode is played with; shared by many. */
export interface Players {
  readonly sampler: Sampler;
  readonly searcher: Searcher;
  /** The model's own. */
  readonly tokenizer: Pick<Tokenizer, 'encode'>;
  /** For whom the episode searches. */
  readonly asker?: Asker;
}

/** One episode to play. */
export interface EpisodeTask {
  readonly rules: EpisodeRules;
  /** Token ids of the rendered prompt. */
  readonly prompt: readonly number[];
  /** A whole number. Each turn has a seed of its own, made from this one. */
  readonly seed: number;
}

/** Hears why a service failed; the record has only which. */
export type OnFailure = (failure: FailureKind, error: SspError) => void;

/**
 * Plays one episode to its end. A service that fails (an SspError) makes it `failed` and is told to
 * `onFailure`. Throws the signal's reason once it is aborted; any other error is a defect, and is
 * thrown too.
 */
export async function playEpisode(
  { rules, prompt, seed }: EpisodeTask,
  players: Players,
  signal: AbortSignal,
  onFailure?: OnFailure,
): Promise<EpisodeRecord> {
  signal.throwIfAborted();
  let episode = startEpisode(rules, prompt);
  while (episode.next.kind !== 'end') {
    try {
      episode = await advance(episode, players, seed, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isSspError(error)) throw error;
      const failure = episode.next.kind === 'search' ? 'search' : 'policy';
      onFailure?.(failure, error);
      episode = failEpisode(episode, failure);
    }
  }
  return episodeRecord(episode);
}

/**
 * The seed of a turn, from 0: the first number of the project's generator (src/random) for the path
 * `turn/<number>` below the episode's seed.
 */
export function turnSeed(episodeSeed: number, turn: number): number {
  return createRandom(episodeSeed, 'turn', turn).next();
}

/** Does what the episode asks for next. */
async function advance(
  episode: Episode,
  { sampler, searcher, tokenizer, asker }: Players,
  seed: number,
  signal: AbortSignal,
): Promise<Episode> {
  const { next, rules, steps } = episode;
  // Retrieved text and remarks are never read as control tokens.
  const encode = (text: string): number[] => tokenizer.encode(text, { plainText: true });
  switch (next.kind) {
    case 'sample': {
      const { maxTokens, stop, spoiling } = next;
      const turn = steps.filter(({ kind }) => kind === 'sampled').length;
      const request = { episode, maxTokens, stop, spoiling, seed: turnSeed(seed, turn) };
      return afterSampling(episode, await sampler.sample(request, signal));
    }
    case 'search': {
      const passages = await searcher.search(next.query, signal, asker);
      return afterSearch(episode, passages, encode(renderInformation(passages, rules.format)));
    }
    case 'remark':
      return afterRemark(episode, encode(next.text));
    case 'end':
      return episode;
  }
}

/** How many episodes are played. */
export interface PlayOptions {
  /** Episodes under way at once, 1 or more. */
  readonly maxConcurrent: number;
  /** Hears each record as its episode ends; `index` is its place among the tasks. */
  readonly onEnd?: (record: EpisodeRecord, index: number) => void;
  readonly onFailure?: OnFailure;
}

/**
 * Plays the episodes; record i belongs to task i, none for none. Throws the signal's reason once it
 * is aborted, and the first defect; in either case all episodes have stopped by then.
 */
export async function playEpisodes(
  tasks: readonly EpisodeTask[],
  players: Players,
  { maxConcurrent, onEnd, onFailure }: PlayOptions,
  signal: AbortSignal,
): Promise<EpisodeRecord[]> {
  const play = async (
    task: EpisodeTask,
    index: number,
    ends: AbortSignal,
  ): Promise<EpisodeRecord> => {
    const record = await playEpisode(task, players, ends, onFailure);
    onEnd?.(record, index);
    return record;
  };
  return runAll(tasks, maxConcurrent, play, signal);
}

/** How episodes ended; the outcomes add up to the episodes, the failures to `failed`. */
interface OutcomeCounts {
  readonly outcomes: Readonly<Record<Outcome['kind'], number>>;
  readonly failures: Readonly<Record<FailureKind, number>>;
}

/** Counts outcomes, and failures by the service that failed. */
export function countOutcomes(records: readonly Pick<EpisodeRecord, 'outcome'>[]): OutcomeCounts {
  const outcomes = { answered: 0, 'no-answer': 0, 'turn-limit': 0, 'length-limit': 0, failed: 0 };
  const failures = { policy: 0, search: 0, judge: 0 };
  for (const { outcome } of records) {
    outcomes[outcome.kind] += 1;
    if (outcome.kind === 'failed') failures[outcome.failure] += 1;
  }
  return { outcomes, failures };
}
