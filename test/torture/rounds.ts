import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { createRandom } from '../../src/random/random.ts';
import type { Attempt, Trial } from './trial.ts';

/** What came of one trial. */
export interface TrialCounts {
  readonly trial: string;
  readonly tries: string;
  attempts: number;
  /** By what was done or came of it. */
  readonly counts: Record<string, number>;
  /** Each with the folder that was kept. */
  readonly lost: string[];
  /** Why it was not tried, or null. */
  skipped: string | null;
}

/** How trials are run. */
export interface RoundsOptions {
  readonly seed: number;
  readonly minutes: number;
  /** Of all that trials make. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
}

type Prepared = (attempt: Attempt) => Promise<void>;

/**
 * Repeats the trials in turn until the minutes are over, an attempt under way then ending first, or
 * until `signal` is aborted. An attempt is decided by the seed, the trial's name and the round, and
 * counts when it has come to its end.
 */
export async function runRounds(
  trials: readonly Trial[],
  options: RoundsOptions,
): Promise<TrialCounts[]> {
  const { minutes, note } = options;
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  const endMs = performance.now() + minutes * 60_000;
  const isOver = (): boolean => signal.aborted || performance.now() >= endMs;
  const all = trials.map((trial) => ({ trial, counts: emptyCounts(trial) }));
  for (const { counts } of all)
    if (counts.skipped !== null) note(`${counts.trial}: skipped, ${counts.skipped}`);
  const ready = new Map<Trial, Prepared>();
  const open = all.filter(({ counts }) => counts.skipped === null);
  for (let round = 0; open.length > 0 && !isOver(); round += 1) {
    for (const { trial, counts } of open) {
      if (!isOver()) await attempt(trial, counts, round, ready, { ...options, signal });
    }
  }
  over.abort(new Error('the trials are over'));
  return all.map(({ counts }) => counts);
}

function emptyCounts({ name, tries, missing }: Trial): TrialCounts {
  const skipped = missing === false ? null : missing;
  return { trial: name, tries, attempts: 0, counts: {}, lost: [], skipped };
}

async function attempt(
  trial: Trial,
  total: TrialCounts,
  round: number,
  ready: Map<Trial, Prepared>,
  { seed, folder, signal, note }: RoundsOptions,
): Promise<void> {
  const startMs = performance.now();
  const own = join(folder, trial.name, `round-${round}`);
  const counted: Record<string, number> = {};
  let lost: string | undefined;
  const end = new AbortController(); // of whatever it has started
  try {
    const prepared = ready.get(trial) ?? (await prepare(trial, folder, signal));
    ready.set(trial, prepared);
    await mkdir(own, { recursive: true });
    const random = createRandom(seed, trial.name, round);
    const ends = AbortSignal.any([signal, end.signal]);
    const count = (what: string): void => {
      counted[what] = (counted[what] ?? 0) + 1;
    };
    await prepared({ folder: own, round, random, signal: ends, count });
  } catch (error) {
    if (signal.aborted) return;
    lost = error instanceof Error ? error.message : String(error);
  } finally {
    end.abort(new Error('the attempt is over'));
  }
  total.attempts += 1;
  for (const [what, times] of Object.entries(counted)) {
    total.counts[what] = (total.counts[what] ?? 0) + times;
  }
  if (lost === undefined) await rm(own, { recursive: true, force: true, maxRetries: 10 });
  else total.lost.push(`round ${round}, seed ${seed}: ${lost} (kept: ${own})`);
  const seconds = Math.round((performance.now() - startMs) / 1000);
  const outcome = lost === undefined ? 'nothing lost' : `LOST: ${lost}\n  kept: ${own}`;
  const done = Object.entries(counted).map(([what, n]) => (n === 1 ? what : `${what} x ${n}`));
  note(`${trial.name} ${round + 1}, ${seconds} s: ${done.join('; ')}: ${outcome}`);
}

async function prepare(trial: Trial, folder: string, signal: AbortSignal): Promise<Prepared> {
  const own = join(folder, trial.name, 'undisturbed');
  await mkdir(own, { recursive: true });
  return trial.prepare(own, signal);
}
