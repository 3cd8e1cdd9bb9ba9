import { Command } from 'commander';

import type { ConfigSection } from '../config/schema.ts';
import { configSchema } from '../config/schema.ts';
import { runAction } from './run-action.ts';
import { addConfigOptions, resolveConfig } from './section-options.ts';

const sections = Object.keys(configSchema.shape) as ConfigSection[];

/** `ssp config`: the configuration as it would be used, complete. */
export function configCommand(): Command {
  const command = new Command('config').addHelpText(
    'after',
    '\nExample:\n  $ npx ssp config > ssp.yaml',
  );
  return addConfigOptions(command, ...sections).action(
    runAction(async (context, options) => {
      const { stringify } = await import('yaml');
      const config = await resolveConfig(options, ...sections);
      context.print(config, stringify(config).trimEnd());
    }),
  );
}
