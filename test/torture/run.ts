// `npm run torture`: repeats hostile trials on the real system and counts what came of them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { printTable } from '../bench/record.ts';
import { recordTorture } from './record.ts';
import type { TrialCounts } from './rounds.ts';
import { runRounds } from './rounds.ts';
import { trials } from './trials.ts';

const help = `Usage: npm run torture -- [options]

Repeats hostile trials on the real system, in turn, until the minutes are over: processes are killed,
stopped and starved at moments drawn from a seed, disks fill up, clocks jump. Whatever was disturbed
must end with a code or as if nothing had happened. Ctrl-C ends with the counts so far.

  --minutes <n>    how long (10); an attempt under way ends first
  --seed <n>       of all moments; without it another one each time
  --only <trial>   one of them, or several with commas; nothing is recorded
  --help

A whole run is recorded in test/torture/results.json; \`npm run docs\` makes docs/torture.md of it.
The exit code is 1 where anything was lost: the folder with what is left is then kept and named.

Trials:
${trials.map(({ name, tries }) => `  ${name}: ${tries}`).join('\n')}
`;

const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      seed: { type: 'string' },
      only: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const only = values.only?.split(',');
  const unknown = only?.filter((name) => !trials.some((trial) => trial.name === name)) ?? [];
  const minutes = Number(values.minutes);
  const seed =
    values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  if (unknown.length > 0 || !(minutes > 0) || !Number.isSafeInteger(seed)) {
    say(unknown.length > 0 ? `No trial ${unknown.join(', ')}; see --help.` : 'See --help.');
    return 2;
  }
  const chosen = trials.filter(({ name }) => only?.includes(name) ?? true);
  return torture({ chosen, minutes, seed, isWhole: only === undefined });
}

async function torture(request: {
  readonly chosen: typeof trials;
  readonly minutes: number;
  readonly seed: number;
  readonly isWhole: boolean;
}): Promise<number> {
  const { chosen, minutes, seed, isWhole } = request;
  const folder = await mkdtemp(join(tmpdir(), 'ssp-torture-'));
  const stopping = new AbortController();
  const stop = (): void => {
    if (stopping.signal.aborted) process.exit(130);
    say('stopping; once more ends at once.');
    stopping.abort(new Error('stopped'));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const startMs = performance.now();
  const elapsed = (): string => `${((performance.now() - startMs) / 60_000).toFixed(1)} min`;
  const note = (text: string): void => {
    say(`[${elapsed()}] ${text}`);
  };
  note(`seed ${seed}, ${minutes} minutes, in ${folder}`);
  const signal = stopping.signal;
  const counts = await runRounds(chosen, { seed, minutes, folder, signal, note });
  const ranMinutes = (performance.now() - startMs) / 60_000;
  show(counts);
  if (isWhole && !signal.aborted) await recordTorture({ seed, minutes, ranMinutes, counts });
  const lost = counts.flatMap(({ trial, lost }) => lost.map((what) => `${trial}, ${what}`));
  for (const what of lost) say(`LOST ${what}`);
  say(
    lost.length === 0 ? `Nothing was lost (seed ${seed}).` : `Lost: ${lost.length} (seed ${seed}).`,
  );
  if (lost.length === 0) await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  return lost.length > 0 ? 1 : signal.aborted ? 130 : 0;
}

function show(counts: readonly TrialCounts[]): void {
  for (const { trial, attempts, skipped, lost, counts: parts } of counts) {
    process.stdout.write(
      `${trial}: ${skipped === null ? `${attempts} attempts, ${lost.length} lost` : `skipped: ${skipped}`}\n`,
    );
    const rows = Object.entries(parts).sort();
    if (rows.length > 0) printTable(rows.map(([what, times]) => ({ what, times })));
  }
}

process.exitCode = await main();
