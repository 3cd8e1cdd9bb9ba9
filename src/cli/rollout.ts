import { Command } from 'commander';

import { addPlaceOptions, placesOf } from './place-options.ts';
import { runAction } from './run-action.ts';
import { addConfigOptions, markRequired, resolveConfig } from './section-options.ts';

const help = `
Plays every question (lines of {"id", "question", "golden_answers"}) --attempts times as the solver, or
every seed as the proposer, and keeps the episodes with their rewards. Nothing is learnt. The folder is
read as that of a run: by \`ssp play --run\`, \`ssp report\` and \`ssp warm-start --from\`. The same command
goes on after an interruption, with the steps that are not written. Proposals are verified as in
training; --no-game-verify leaves that out.

Examples:
  $ npx ssp rollout --index my-index --questions train.jsonl --policy-model my-model --attempts 8 \\
      --temperature 1 --out rollouts
  $ npx ssp rollout --index my-index --role proposer --seeds seeds.jsonl --policy-model my-model \\
      --attempts 2 --no-game-verify --out proposals
  $ npx ssp warm-start --index my-index --from rollouts --roles solver --policy-model my-model \\
      --out runs/warm`;

/** What it cannot do without. */
const required = {
  '--questions': 'for the solver',
  '--seeds': 'for the proposer',
  '--index': 'or --search-url',
  '--policy-model': '',
};

/** `ssp rollout`: episodes of one role, kept without training. */
export function rolloutCommand(): Command {
  const command = addPlaceOptions(new Command('rollout'))
    .requiredOption('--out <folder>', 'folder of the episodes')
    .option('--questions <file>', 'question set for the solver; repeatable', collect, [])
    .option('--seeds <file>', 'seeds for the proposer, made by `ssp seeds`')
    .addHelpText('after', help);
  return markRequired(
    addConfigOptions(command, 'rollout', 'game', 'policy', 'judge'),
    required,
  ).action(
    runAction(async (context, options) => {
      const { rollout } = await import('../app/rollout/rollout.ts');
      const { countsText } = await import('../app/rollout/rollout-counts.ts');
      const config = await resolveConfig(options, 'rollout', 'game', 'policy', 'judge');
      const out = String(options['out']);
      const counts = await rollout(
        {
          ...{
            config,
            out,
            questions: options['questions'] as string[],
            seeds: options['seeds'] as string | undefined,
          },
          ...placesOf(options),
        },
        context,
      );
      const { role } = config.rollout;
      context.print(
        counts,
        `${countsText(counts, role)}\nEverything is in ${out}\nNext: npx ssp play --run ${out}`,
      );
    }),
  );
}

function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}
