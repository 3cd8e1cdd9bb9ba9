import { runAll } from '../concurrency/run-all.ts';
import type { EpisodeRecord, FailureKind, Outcome } from '../types/episode.ts';
import type { EpisodeTask, OnFailure, Players } from './play-episode.ts';
import { playEpisode } from './play-episode.ts';

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
