import { Command } from 'commander';

import { SspError } from '../errors/error.ts';
import type { EvaluationSet } from '../seeds/evaluation-answers.ts';
import type { CommandContext, CommandOptions } from './run-action.ts';
import { runAction } from './run-action.ts';
import { addConfigOptions, markRequired, resolveConfig } from './section-options.ts';

const help = `
Examples:
  $ npx ssp seeds --corpus corpus --out seeds.jsonl
  $ npx ssp seeds --corpus corpus --out seeds.jsonl --exclude nq.jsonl hotpotqa.jsonl.gz
  $ npx ssp seeds --check seeds.jsonl --exclude nq.jsonl        how many answers are evaluated`;

/** `ssp seeds`: the answers that the proposer starts from. */
export function seedsCommand(): Command {
  const command = new Command('seeds')
    .option('--corpus <dir>', 'corpus folder to take answers from')
    .option('--out <file>', 'JSON lines to write, with a .summary.json beside them')
    .option('--exclude <files...>', 'question sets whose golden answers become no seeds')
    .option('--check <file>', 'count the answers of this file that the --exclude sets ask for')
    .option('--force', 'replace seeds that are there');
  addConfigOptions(command, 'seeds').addHelpText('after', help);
  markRequired(command, { '--corpus': 'or --check', '--out': 'or --check' });
  return command.action(
    runAction(async (context, options) => {
      const { corpus, out, check } = options;
      if (typeof check === 'string') await checkSeeds(check, context, options);
      else if (typeof corpus === 'string' && typeof out === 'string') {
        await writeSeeds(corpus, out, context, options);
      } else throw new SspError('SSP_USAGE', { problem: 'Give --corpus and --out, or --check.' });
    }),
  );
}

async function writeSeeds(
  corpus: string,
  out: string,
  context: CommandContext,
  options: CommandOptions,
): Promise<void> {
  const { makeSeeds } = await import('../seeds/make-seeds.ts');
  const { summaryText } = await import('../seeds/seed-summary.ts');
  const { seeds: config } = await resolveConfig(options, 'seeds');
  const exclude = await evaluationSets(options);
  const force = options['force'] === true;
  const { signal, progress } = context;
  const summary = await makeSeeds({ corpus, out, force, config, exclude, signal, progress });
  const next = `Next: npx ssp train --seeds ${out} --index <index> --policy-model <model> --run <run>`;
  context.print(summary, `${summaryText(out, summary)}\n${next}`);
}

async function checkSeeds(
  path: string,
  context: CommandContext,
  options: CommandOptions,
): Promise<void> {
  const { readSeeds } = await import('../seeds/read-seeds.ts');
  const { EvaluationAnswers } = await import('../seeds/evaluation-answers.ts');
  const { seeds: config } = await resolveConfig(options, 'seeds');
  const sets = await evaluationSets(options);
  if (sets.length === 0) throw new SspError('SSP_USAGE', { problem: 'Give --exclude too.' });
  const { seeds } = await readSeeds(path, config);
  const { bySet, any } = new EvaluationAnswers(sets).countOverlap(seeds);
  const rows = Object.entries(bySet).map(([set, count]) => `  ${set.padEnd(20)} ${count}`);
  const text = [`${path}: ${any} of ${seeds.length} seeds are golden answers`, ...rows].join('\n');
  context.print({ seeds: seeds.length, evaluated: any, bySet }, text);
}

async function evaluationSets(options: CommandOptions): Promise<EvaluationSet[]> {
  const { readEvaluationSets } = await import('../app/run-overlap.ts');
  return readEvaluationSets((options['exclude'] ?? []) as readonly string[]);
}
