import { readFileSync } from 'node:fs';

import type { TortureRecord } from './record.ts';
import { tortureResults } from './record.ts';
import type { TrialCounts } from './rounds.ts';

/** docs/torture.md: the introduction, then the counts of the kept run. */
export function tortureDocument(): string {
  const introduction = readFileSync(new URL('introduction.md', import.meta.url), 'utf8');
  const record = JSON.parse(readFileSync(tortureResults, 'utf8')) as TortureRecord;
  const { command, date, commit, machine, minutes, trials } = record;
  const { cpu, cores, memoryGiB, node } = machine;
  const lost = trials.reduce((sum, trial) => sum + trial.lost.length, 0);
  return `${introduction}
## What came of it

\`${command}\` at commit ${commit}, ${date.slice(0, 10)}; ${cpu}, ${cores} cores, ${memoryGiB} GiB,
Node ${node}; it took ${minutes} minutes. Lost: ${lost === 0 ? 'nothing' : lost}.

| trial | attempts | lost |
|---|---:|---:|
${trials.map(row).join('\n')}

${trials.map(section).join('\n')}`;
}

function row({ trial, attempts, lost, skipped }: TrialCounts): string {
  return `| ${trial} | ${skipped === null ? attempts : `skipped: ${skipped}`} | ${lost.length} |`;
}

function section({ trial, tries, counts }: TrialCounts): string {
  const rows = Object.entries(counts).sort(([one], [other]) => (one < other ? -1 : 1));
  const table = rows.map(([what, times]) => `| ${what} | ${times} |`).join('\n');
  const counted = rows.length === 0 ? '' : `\n| what | times |\n|---|---:|\n${table}\n`;
  return `### ${trial}\n\n${tries}\n${counted}`;
}
