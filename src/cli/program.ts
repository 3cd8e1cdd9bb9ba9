import { Command } from 'commander';
import { stringify } from 'yaml';

import { configSchema } from '../config/schema.ts';
import { printable } from '../progress/printable.ts';
import { toolVersion } from '../version.ts';
import { ablateCommand } from './ablate.ts';
import { corpusCommand } from './corpus.ts';
import { doctorCommand } from './doctor.ts';
import { encoderCommand } from './encoder.ts';
import { evalCommand } from './eval.ts';
import { indexCommand } from './index-command.ts';
import { playCommand } from './play.ts';
import { policyCommand } from './policy.ts';
import { quickstartCommand } from './quickstart.ts';
import { reportCommand } from './report.ts';
import { runAction } from './run-action.ts';
import { searchCommand } from './search.ts';
import { addConfigOptions, resolveConfig } from './section-options.ts';
import { seedsCommand } from './seeds.ts';
import { serveCommand } from './serve.ts';
import { trainCommand } from './train.ts';

/** The whole command line. One file a command; each loads what it needs when it runs. */
export function createProgram(): Command {
  const program = new Command('ssp')
    .description('Search self-play: wiki index, search service and training, offline.')
    .version(toolVersion, '-V, --version', 'print the version')
    .showHelpAfterError('(run with --help for the options and examples)')
    .configureHelp({ showGlobalOptions: true })
    .option('--json', 'print the result as JSON')
    .option('--verbose', 'print stack traces of failures')
    .configureOutput({ writeErr: (text) => process.stderr.write(printable(text)) })
    .exitOverride();
  program.addCommand(quickstartCommand());
  program.addCommand(configCommand());
  program.addCommand(corpusCommand());
  program.addCommand(encoderCommand());
  program.addCommand(indexCommand());
  program.addCommand(doctorCommand());
  program.addCommand(serveCommand());
  program.addCommand(searchCommand());
  program.addCommand(policyCommand());
  program.addCommand(seedsCommand());
  program.addCommand(trainCommand());
  program.addCommand(ablateCommand());
  program.addCommand(evalCommand());
  program.addCommand(reportCommand());
  program.addCommand(playCommand());
  inheritSettings(program);
  return program;
}

/** Settings that commander copies only to commands made by `command()`. */
function inheritSettings(parent: Command): void {
  for (const child of parent.commands) {
    child.copyInheritedSettings(parent);
    inheritSettings(child);
  }
}

const sections = Object.keys(configSchema.shape) as (keyof typeof configSchema.shape)[];

/** `ssp config`: the configuration as it would be used, complete. */
function configCommand(): Command {
  const command = new Command('config')
    .description('print the complete configuration as YAML: defaults, then --config, then flags')
    .addHelpText('after', '\nExample:\n  $ ssp config > ssp.yaml');
  return addConfigOptions(command, ...sections).action(
    runAction(async (context, options) => {
      const config = await resolveConfig(options, ...sections);
      context.print(config, stringify(config).trimEnd());
    }),
  );
}
