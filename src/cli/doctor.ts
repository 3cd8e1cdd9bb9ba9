import { Command, InvalidArgumentError } from 'commander';

import type { Finding, MachineFacts, NeedsRow } from '../app/machine-facts.ts';
import { compactCount, compactDuration } from '../progress/progress.ts';
import { runAction } from './run-action.ts';
import { addConfigOptions, resolveConfig } from './section-options.ts';

const help = `
For passages of 100 words, vectors in fp16, this machine's cores. The configured encoder's rate is
measured now, on whatever else runs; those of e5 follow from their size. "with a GPU" assumes a server
that computes 10^14 operations a second, a third of an A100's peak: name yours by --encoder-url, and its
rate is measured.
Vectors of millions of passages are made sooner by an embeddings server on a GPU
(\`ssp encoder serve\` there, --encoder-url here).

Examples:
  $ npx ssp doctor
  $ npx ssp doctor --passages 21015324 --dir /data`;

/** wiki84k, a small wiki, and the English Wikipedia of DPR and Search-R1. */
const usualCounts = [84_426, 1_000_000, 21_015_324];

/** `ssp doctor`: what this machine has, what an index needs, and whether it fits. */
export function doctorCommand(): Command {
  const command = new Command('doctor')
    .option('--passages <number>', 'passages of the index you have in mind', passageCount)
    .option('--dir <folder>', 'where the index would be', '.')
    .addHelpText('after', help);
  return addConfigOptions(command, 'encoder').action(
    runAction(async (context, options) => {
      const { machineFacts, needsOf } = await import('../app/machine-facts.ts');
      const { encoder } = await resolveConfig(options, 'encoder');
      const facts = await machineFacts(String(options['dir']), encoder);
      const asked = options['passages'];
      const rows = needsOf(facts, typeof asked === 'number' ? [asked] : usualCounts);
      context.print({ machine: facts, needs: rows }, `${machineText(facts)}\n\n${needsText(rows)}`);
    }),
  );
}

function passageCount(text: string): number {
  const count = Number(text.replaceAll('_', ''));
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('Give a whole number.');
  return count;
}

function machineText(facts: MachineFacts): string {
  const gpus = facts.gpus.map(({ name, memoryBytes }) => `${name} (${gigabytes(memoryBytes)})`);
  const bzip2 =
    facts.bzip2 === undefined
      ? 'none: a JavaScript library decompresses dumps, slower; install lbzip2'
      : `${facts.bzip2.path}${facts.bzip2.isParallel ? '' : ' (one core; lbzip2 uses all)'}`;
  const lines: [string, string][] = [
    ['processor', `${facts.cores} cores, ${facts.cpu}`],
    ['memory', `${gigabytes(facts.memoryBytes)}, ${gigabytes(facts.freeMemoryBytes)} free`],
    ['disk', `${gigabytes(facts.freeDiskBytes)} free at ${facts.folder}`],
    ['node', facts.node],
    ['bzip2', bzip2],
    ['python', describe(facts.python)],
    ['gpu', gpus.length === 0 ? 'none that nvidia-smi knows' : gpus.join(', ')],
    ['encoder', describe(facts.encoder)],
  ];
  return lines.map(([name, value]) => `${name.padEnd(10)} ${value}`).join('\n');
}

function describe(finding: Finding): string {
  return finding.found ?? `none: ${finding.problem}`;
}

function needsText(rows: readonly NeedsRow[]): string {
  const head = [
    'passages',
    'index',
    'disk',
    'disk to build',
    'memory to build',
    'to serve',
    'time',
    'with a GPU',
    '',
  ];
  const cells = rows.map((row) => [
    compactCount(row.passages),
    row.index,
    gigabytes(row.diskBytes),
    gigabytes(row.buildDiskBytes),
    gigabytes(row.buildMemoryBytes),
    gigabytes(row.serveMemoryBytes),
    about(row.buildSeconds),
    row.gpuBuildSeconds === undefined ? '' : about(row.gpuBuildSeconds),
    row.lacks.length === 0 ? 'fits' : `too little ${row.lacks.join(' and ')}`,
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  return [head, ...cells]
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const daySeconds = 86_400;

function about(seconds: number): string {
  return seconds < 2 * daySeconds
    ? compactDuration(seconds * 1000)
    : `${Number((seconds / daySeconds).toPrecision(2))} days`;
}

function gigabytes(bytes: number): string {
  const value = bytes / 1e9;
  return `${value >= 10 ? value.toFixed(0) : value.toPrecision(2)} GB`;
}
