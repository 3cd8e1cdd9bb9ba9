import { Command } from 'commander';

import { runAction } from './run-action.ts';

const help = `
Examples:
  $ npx ssp presets
  $ npx ssp config --preset one-h200-7b-lora training policy      what a preset sets, with its ranges
  $ npx ssp train --preset one-h200-7b-lora --seeds seeds.jsonl --index index --run runs/first`;

/** `ssp presets`: the configurations that ship. */
export function presetsCommand(): Command {
  return new Command('presets').addHelpText('after', help).action(
    runAction(async (context) => {
      const { listPresets } = await import('../config/presets.ts');
      const presets = await listPresets();
      const width = Math.max(...presets.map(({ name }) => name.length));
      const rows = presets.map(({ name, text }) => `${name.padEnd(width)}  ${text}`);
      context.print(presets, rows.join('\n'));
    }),
  );
}
