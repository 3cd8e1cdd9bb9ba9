import type { RunData } from './report-data.ts';

/** Runs that differ in their seed alone: `noise-0-seed1` and `noise-0-seed2` are `noise-0`. */
export interface RunGroup {
  readonly name: string;
  readonly runs: readonly RunData[];
}

/** In the order of their first runs. A run without `-seed<number>` at its end stands alone. */
export function runGroups(runs: readonly RunData[]): RunGroup[] {
  const groups = Map.groupBy(runs, ({ name }) => name.replace(/[-_]?seed[-_]?\d+$/, '') || name);
  return [...groups].map(([name, members]) =>
    members.length === 1
      ? { name: members[0]?.name ?? name, runs: members }
      : { name, runs: members },
  );
}
