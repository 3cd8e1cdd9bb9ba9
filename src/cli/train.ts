import { existsSync } from 'node:fs';

import { Command } from 'commander';

import { runFolder } from '../run/run-folder.ts';
import { runAction } from './run-action.ts';
import { addConfigOptions, markRequired, resolveConfig, wholeNumber } from './section-options.ts';

const help = `
A run needs seeds (or questions to train the solver on), an index (or a running search service) and a
model; it starts what it is not given the address of. It can be stopped at any time: --resume goes on
from the last checkpoint with the run's own configuration, and with the same numbers as if nothing had
happened (on a CPU, with policy.exactSampling).

The line of a step: valid, proposals that passed; true, of these, right by a world's facts; batch, new +
reused questions; solver, its mean reward; searches, of a proposal / of an attempt; validation, exact match
(by hops). docs/training.md has more.

Examples:
  $ npx ssp train --preset one-h200-7b-lora --seeds seeds.jsonl --index index --run runs/first
  $ npx ssp train --config my.yaml --questions qa/nq-train.jsonl --index index --run runs/given
  $ npx ssp train --run runs/first --resume
  $ npx ssp train --run runs/first --resume --steps 300
  $ npx ssp train --run runs/first --resume-from 20              where a newer checkpoint is damaged
  $ npx ssp report runs/first`;

/** What a new run cannot do without: here, or in the configuration. */
const required = {
  '--seeds': 'or --questions',
  '--index': 'or --search-url',
  '--policy-model': 'or one of a preset or file',
};

/** `ssp train`: the self-play loop over a run directory. */
export function trainCommand(): Command {
  const command = new Command('train')
    .requiredOption('--run <folder>', 'run directory')
    .option('--resume', 'go on with the run that is there')
    .option(
      '--resume-from <step>',
      'go on from the checkpoint of this step; later ones go',
      wholeNumber,
    )
    .addHelpText('after', help);
  const sections = ['training', 'game', 'policy', 'judge', 'player'] as const;
  return markRequired(addConfigOptions(command, ...sections), required).action(
    runAction(async (context, options) => {
      const { learningOf, learningText } = await import('../run/learning.ts');
      const { readMetrics } = await import('../run/read-run.ts');
      const { runTraining } = await import('../app/train/run-training.ts');
      const run = String(options['run']);
      const resumeFrom = options['resumeFrom'] as number | undefined;
      const resume = options['resume'] === true || resumeFrom !== undefined;
      const own = runFolder(run).config;
      const isNamed = options['config'] !== undefined || options['preset'] !== undefined;
      const named = !isNamed && resume && existsSync(own) ? { ...options, config: own } : options;
      const config = await resolveConfig(named, ...sections);
      const { step, best } = await runTraining({ run, resume, resumeFrom, config }, context);
      const scored =
        best === null
          ? ''
          : `; best validation ${best.score} (${best.measure}) at step ${best.step}`;
      const learnt = learningText(learningOf(await readMetrics(runFolder(run))));
      const next = `Next:\n  npx ssp report ${run}       one page: curves and every episode\n  npx ssp play --run ${run}   an episode, step by step`;
      const text = `trained ${step} steps in ${run}${scored}; ${learnt}\n${next}`;
      context.print({ run, step, best }, text);
    }),
  );
}
