import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Command } from 'commander';

import type { QuickstartFolders } from '../app/quickstart/stages.ts';
import { loadConfig } from '../config/load.ts';
import { runAction } from './run-action.ts';
import { addSectionFlags, resolveConfig } from './section-options.ts';

const help = `
The whole mission on one machine without a network: makes a fictional encyclopedia, its corpus and its
index, asks the search service the encyclopedia's questions, then lets a tiny policy play search
self-play in it and scores it on held-out questions before and after. On 2 cores it takes about ten
minutes. Stopped half-way, the same command goes on; a finished one shows its numbers again.

Examples:
  $ npx ssp quickstart --out runs/quickstart
  $ npx ssp quickstart --out runs/second --training-seed 2
  $ npx ssp quickstart --search-only`;

const defaultConfig = fileURLToPath(new URL('../config/presets/quickstart.yaml', import.meta.url));

/** What the quickstart makes itself, or does without. */
const own = ['seeds', 'questions', 'index', 'searchUrl', 'validationSet', 'facts'];

/** `ssp quickstart`: the main job end to end, on the encyclopedia that the project makes itself. */
export async function quickstartCommand(): Promise<Command> {
  const base = await loadConfig(defaultConfig);
  const command = new Command('quickstart')
    .option('--out <folder>', 'folder for everything it makes', 'runs/quickstart')
    .option('--force', 'replace the run of an earlier quickstart in --out')
    .option('--search-only', 'stop before the training, which needs Python')
    .option(
      '--config <file>',
      'YAML or JSON file instead of the preset quickstart; flags win over it',
    )
    .addHelpText('after', help);
  const settings = { base, without: own.map((key) => `training.${key}`) };
  return addSectionFlags(command, ['generate', 'training'], settings).action(
    runAction(async (context, options) => {
      const named = { ...options, config: options['config'] ?? defaultConfig };
      const config = await resolveConfig(named, 'generate', 'training');
      const { runQuickstart } = await import('../app/quickstart/quickstart.ts');
      const { quickstartFolders } = await import('../app/quickstart/stages.ts');
      const { summaryTable } = await import('../app/quickstart/summary.ts');
      const out = String(options['out']);
      const folders = quickstartFolders(out);
      const [searchOnly, force] = [options['searchOnly'] === true, options['force'] === true];
      const summary = await runQuickstart({ out, folders, config, searchOnly, force }, context);
      if (summary === undefined) {
        context.print(folders, searchSteps(folders));
        return;
      }
      context.print(summary, [summaryTable(summary), '', nextSteps(folders)].join('\n'));
    }),
  );
}

function searchSteps({ world, corpus, index, seeds, heldOut }: QuickstartFolders): string {
  return [
    `encyclopedia ${world}; passages ${corpus}; index ${index}; seeds ${seeds}; held-out questions ${heldOut}`,
    'Next:',
    `  npx ssp search --index ${index} "Who established Brieben Bregel Jelink?"   one search`,
    `  npx ssp serve --index ${index}                              for agents and trainers`,
    `  npx ssp quickstart --out ${join(index, '..')}                            the training too (Python, 5 GB)`,
  ].join('\n');
}

function nextSteps({ index, run, report, summary }: QuickstartFolders): string {
  return [
    `Open ${report} in a browser: curves and every episode. The numbers: ${summary}`,
    'Next:',
    `  npx ssp play --run ${run}                                   an episode, step by step`,
    `  npx ssp search --index ${index} "Who established Brieben Bregel Jelink?"   one search`,
    `  npx ssp ablate --config ${join(run, 'config.yaml')} --out ${relative('.', join(run, '..', 'ablations'))}`,
  ].join('\n');
}
