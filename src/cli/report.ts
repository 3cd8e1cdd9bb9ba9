import { join } from 'node:path';

import { Command, InvalidArgumentError } from 'commander';

import { SspError } from '../errors/error.ts';
import { printableLine } from '../progress/printable.ts';
import type { ReadOptions } from '../report/read-run-data.ts';
import { defaultLimits } from '../report/sample-questions.ts';
import type { CommandContext, CommandOptions } from './run-action.ts';
import { runAction } from './run-action.ts';
import { wholeNumber } from './section-options.ts';

const help = `
The page needs no other file and no network. Several runs are drawn over each other; runs whose names
differ in -seed<number> at their end alone are also drawn as their mean.

Examples:
  $ npx ssp report runs/quickstart/run
  $ npx ssp report runs/full-seed1 runs/full-seed2 runs/no-verification-seed1 --out ablations.html
  $ npx ssp report runs/first --overlap qa/nq.jsonl qa/hotpotqa.jsonl`;

/** `ssp report`: one static page of a run, or of several side by side. */
export function reportCommand(): Command {
  const { maxBytes, maxSteps } = defaultLimits;
  return new Command('report')
    .argument('<runs...>', 'run directories')
    .option('--out <file>', 'where the page goes (report.html in the run directory)')
    .option(
      '--episode-mb <number>',
      'megabytes of episodes in the page; 0 for none',
      megabytes,
      maxBytes / 1e6,
    )
    .option('--episode-steps <number>', 'steps whose episodes are looked at', wholeNumber, maxSteps)
    .option(
      '--overlap <files...>',
      'question sets; how many of the accepted questions overlap with them (reads all episodes)',
    )
    .addHelpText('after', help)
    .action(
      runAction(async (context, options, paths) => {
        const { writeReport } = await import('../report/render-report.ts');
        const { overlapLines } = await import('../report/overlap-section.ts');
        const written = await writeReport(paths, outFile(options, paths), context, {
          maxBytes: Number(options['episodeMb']) * 1e6,
          maxSteps: Number(options['episodeSteps']),
          ...(await overlapMeasure(options, context)),
        });
        const { out, bytes, episodes, overlaps } = written;
        const overlap = overlaps.flatMap((each) => overlapLines(each, overlaps.length > 1));
        const page = `${out}: ${(bytes / 1e6).toFixed(1)} MB`;
        context.print(written, [...episodes, ...overlap, page].map(printableLine).join('\n'));
      }),
    );
}

/** With the sets of `--overlap`, which are read before any run is. */
async function overlapMeasure(
  options: CommandOptions,
  context: CommandContext,
): Promise<Pick<ReadOptions, 'overlapOf'>> {
  const paths = options['overlap'] as readonly string[] | undefined;
  if (paths === undefined) return {};
  const { readEvaluationSets } = await import('../app/run-overlap.ts');
  const { runOverlap } = await import('../app/run-overlap.ts');
  const sets = await readEvaluationSets(paths);
  return { overlapOf: (folder, name) => runOverlap(folder, name, sets, context) };
}

function outFile({ out }: CommandOptions, paths: readonly string[]): string {
  if (typeof out === 'string') return out;
  const [path] = paths;
  if (path !== undefined && paths.length === 1) return join(path, 'report.html');
  throw new SspError('SSP_USAGE', { problem: 'A report of several runs needs --out <file>.' });
}

function megabytes(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a number.');
}
