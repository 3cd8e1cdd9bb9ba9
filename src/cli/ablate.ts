import { fileURLToPath } from 'node:url';

import { Command, InvalidArgumentError } from 'commander';

import { SspError } from '../errors/error.ts';
import { runAction } from './run-action.ts';
import { configFiles, markRequired, wholeNumber } from './section-options.ts';

const help = `
Each variant is a few keys that it changes in the configuration; a file of your own may name others.
Every variant is trained once for each seed, in a run directory of its own below --out. Finished runs
are not made again: the same command goes on where it was interrupted. A run that the collapse watch
stopped is finished too, and its reason is kept. The result: ablations.md, ablations.json and one
report of all runs.

Examples:
  $ npx ssp ablate --config runs/quickstart/run/config.yaml --out runs/ablations
  $ npx ssp ablate --config my.yaml --variants full,no-verification,noise-0 --seeds 1,2,3 --out runs/noise`;

const shipped = fileURLToPath(new URL('../config/presets/variants.yaml', import.meta.url));
const paperAblations = 'full,solver-only,proposer-only,no-verification,noise-0';

/** `ssp ablate`: variants of one configuration, each over several seeds, side by side. */
export function ablateCommand(): Command {
  const command = new Command('ablate')
    .option('--preset <name>', 'a configuration that ships, for the variants to change')
    .option('--config <file>', 'the configuration that they change, or keys over the preset')
    .requiredOption('--out <folder>', 'folder of the runs and of the result')
    .option('--variants <list>', 'their names', list, list(paperAblations))
    .option('--variants-file <file>', 'where they are described', shipped)
    .option('--seeds <list>', 'run seeds', seedList, [1, 2, 3])
    .option('--steps <number>', 'steps of each run, instead of the configuration’s', wholeNumber)
    .option('--continue-stopped', 'go on with runs that the collapse watch has stopped')
    .addHelpText('after', help);
  return markRequired(command, { '--config': 'or --preset' }).action(
    runAction(async (context, options) => {
      const { ablate } = await import('../app/ablate.ts');
      const { readVariants } = await import('../app/ablate.ts');
      const base = await configFiles(options);
      if (base.length === 0) {
        throw new SspError('SSP_USAGE', { problem: 'give --config <file> or --preset <name>' });
      }
      const names = options['variants'] as string[];
      const file = String(options['variantsFile']);
      const variants = await readVariants(file, names);
      const result = await ablate(
        {
          ...{ base, variants, seeds: options['seeds'] as number[], out: String(options['out']) },
          steps: options['steps'] as number | undefined,
          continueStopped: options['continueStopped'] === true,
        },
        context,
      );
      context.print(result.rows, `${result.table}\n\nEverything is in ${String(options['out'])}`);
    }),
  );
}

function list(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.some((name) => name === '')) throw new InvalidArgumentError('Give names, as a,b,c.');
  if (new Set(names).size < names.length) {
    throw new SspError('SSP_USAGE', { problem: `A name stands twice in ${text}.` });
  }
  return names;
}

function seedList(text: string): number[] {
  return list(text).map(wholeNumber);
}
