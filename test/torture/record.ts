import { writeFile } from 'node:fs/promises';

import { currentCommit, currentMachine } from '../bench/record.ts';
import type { TrialCounts } from './rounds.ts';

/** What a whole run leaves behind. */
export interface TortureRecord {
  readonly command: string;
  readonly date: string;
  /** Commit of the working tree, with `+` where it had changes. */
  readonly commit: string;
  readonly machine: ReturnType<typeof currentMachine>;
  readonly seed: number;
  /** How long it really took. */
  readonly minutes: number;
  readonly trials: readonly TrialCounts[];
}

export const tortureResults = new URL('results.json', import.meta.url);

/** Keeps the counts of a run in `results.json`. */
export async function recordTorture(run: {
  readonly seed: number;
  readonly minutes: number;
  readonly ranMinutes: number;
  readonly counts: readonly TrialCounts[];
}): Promise<void> {
  const record: TortureRecord = {
    command: `npm run torture -- --minutes ${run.minutes} --seed ${run.seed}`,
    date: new Date().toISOString(),
    commit: currentCommit(),
    machine: currentMachine(),
    seed: run.seed,
    minutes: Math.round(run.ranMinutes * 10) / 10,
    trials: run.counts,
  };
  await writeFile(tortureResults, `${JSON.stringify(record, null, 2)}\n`);
}
