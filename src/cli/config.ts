import { Argument, Command } from 'commander';

import type { ConfigSection } from '../config/schema.ts';
import { configSchema } from '../config/schema.ts';
import { runAction } from './run-action.ts';
import { addConfigOptions, resolveConfig } from './section-options.ts';

const sections = Object.keys(configSchema.shape) as ConfigSection[];

const help = `
Every key stands below its text, with its range and its default; those without a value are commented
out. "NOT SET" marks what a command does not begin without, as the model of a training.

Examples:
  $ npx ssp config > ssp.yaml
  $ npx ssp config training game                         two sections
  $ npx ssp config --preset one-h200-7b-lora > my.yaml   a preset, to be changed`;

/** `ssp config`: the configuration as it would be used, complete. */
export function configCommand(): Command {
  const command = new Command('config')
    .addArgument(new Argument('[section...]', 'only these sections').choices(sections))
    .addHelpText('after', help);
  return addConfigOptions(command, ...sections).action(
    runAction(async (context, options, operands) => {
      const { annotatedYaml } = await import('../config/annotated-yaml.ts');
      const config = await resolveConfig(options, ...sections);
      const shown = operands.length === 0 ? sections : (operands as ConfigSection[]);
      const values = Object.fromEntries(shown.map((section) => [section, config[section]]));
      context.print(values, annotatedYaml(config, shown));
    }),
  );
}
