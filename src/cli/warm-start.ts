import { Command } from 'commander';

import type { WarmStartResult } from '../app/warm-start.ts';
import { addPlaceOptions, placesOf } from './place-options.ts';
import { runAction } from './run-action.ts';
import { addConfigOptions, markRequired, resolveConfig } from './section-options.ts';

const help = `
Shows a model how the game is played before it plays itself: it learns from whole episodes in the
format at hand. They come from an oracle, which searches for what it knows the answer of (--questions:
lines of {"id", "question", "golden_answers"}; --seeds: answers alone, of which it asks for the missing
words of a sentence), and from good episodes of runs and evaluations (--from). What is held out is never
learnt from; its loss and how the model plays it are shown. The same command goes on after an
interruption. Begin a training with the model that it names at its end.

Examples:
  $ npx ssp warm-start --index my-index --questions train.jsonl --policy-model my-model --policy-full \\
      --out runs/warm
  $ npx ssp warm-start --index my-index --from runs/first --roles solver --policy-model my-model \\
      --out runs/warm
  $ npx ssp train --policy-model runs/warm/checkpoints/warm-000038/model ...`;

/** What it cannot do without. */
const required = {
  '--questions': 'or --seeds, or --from',
  '--index': 'or --search-url',
  '--policy-model': '',
};

/** `ssp warm-start`: supervised training on episodes. */
export function warmStartCommand(): Command {
  const command = addPlaceOptions(new Command('warm-start'))
    .requiredOption('--out <folder>', 'folder of examples, checkpoints and result')
    .option('--questions <file>', 'questions with answers for the oracle; repeatable', collect, [])
    .option('--seeds <file>', 'answers for the oracle, made by `ssp seeds`')
    .option('--from <folder>', 'run or evaluation with good episodes; repeatable', collect, [])
    .addHelpText('after', help);
  return markRequired(addConfigOptions(command, 'warmStart', 'game', 'policy'), required).action(
    runAction(async (context, options) => {
      const { warmStart } = await import('../app/warm-start.ts');
      const config = await resolveConfig(options, 'warmStart', 'game', 'policy');
      const result = await warmStart(
        {
          ...{ config, out: String(options['out']), seeds: options['seeds'] as string | undefined },
          ...placesOf(options),
          questions: options['questions'] as string[],
          from: options['from'] as string[],
        },
        context,
      );
      context.print(result, summary(result));
    }),
  );
}

function summary({ losses, played = {}, step, model }: WarmStartResult): string {
  const [before, after] = [losses.at(0)?.heldOut, losses.at(-1)?.heldOut];
  const loss =
    typeof before !== 'number' || typeof after !== 'number'
      ? 'nothing was held out'
      : `held-out loss ${before.toFixed(3)} -> ${after.toFixed(3)} nats a token`;
  const rows = Object.entries(played).map(([role, { episodes, answered, turns, wellFormed }]) => {
    const share = turns === 0 ? 'no turn' : `${((100 * wellFormed) / turns).toFixed(0)} %`;
    return `${role}: ${share} of ${turns} turns well formed, ${answered} of ${episodes} episodes came to their end`;
  });
  const next = `Next:\n  npx ssp train --policy-model ${model} ...`;
  return [`${step} steps, ${loss}`, ...rows, '', next].join('\n');
}

function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}
