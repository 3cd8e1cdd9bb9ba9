import { Command } from 'commander';

import { addPlaceOptions, placesOf } from './place-options.ts';
import { runAction } from './run-action.ts';
import { addConfigFiles, addSectionFlags, markRequired, resolveConfig } from './section-options.ts';

const help = `
Lets a model propose a question for every seed, verifies them, and lets it solve the valid ones, as a
step of training does; nothing is learnt. Prints by number of searches behind a question: share of the
proposals, share that is valid, share of those that is true (--facts), the solver's success at them, and
the proposer's mean reward with its standard error. Where two searches pay no more than one, self-play
has no reason to ask deeper questions. The episodes are kept in --out, as \`ssp rollout\` keeps them, and
the same command goes on after an interruption.

Example:
  $ npx ssp probe --index my-index --seeds seeds.jsonl --policy-model my-model --attempts 5 --out probe`;

/** What it cannot do without, beside the required flags. */
const required = { '--index': 'or --search-url', '--policy-model': '' };

/** `ssp probe`: what the questions of a model are like before any training, by their searches. */
export function probeCommand(): Command {
  const command = addPlaceOptions(new Command('probe'))
    .requiredOption('--out <folder>', 'folder of the episodes')
    .requiredOption('--seeds <file>', 'seeds for the proposer, made by `ssp seeds`')
    .addHelpText('after', help);
  const sections = ['rollout', 'game', 'policy', 'judge'] as const;
  addSectionFlags(addConfigFiles(command), sections, { without: ['rollout.role'] });
  return markRequired(command, required).action(
    runAction(async (context, options) => {
      const { probe, probeText } = await import('../app/rollout/probe.ts');
      const config = await resolveConfig(options, ...sections);
      const out = String(options['out']);
      const result = await probe(
        {
          ...{ config, out, questions: [], seeds: options['seeds'] as string | undefined },
          ...placesOf(options),
        },
        context,
      );
      context.print(result, `${probeText(result)}\nEverything is in ${out}`);
    }),
  );
}
