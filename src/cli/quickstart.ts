import { rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Command } from 'commander';

import type { Config } from '../config/schema.ts';
import { compactDuration } from '../progress/progress.ts';
import type { CommandContext } from './context.ts';
import type { QuickstartFolders } from './quickstart/stages.ts';
import type { Summary } from './quickstart/summary.ts';
import { runAction } from './run-action.ts';
import { addConfigOptions, resolveConfig } from './section-options.ts';

const help = `
The whole mission on one machine without a network: makes a fictional encyclopedia, its corpus and its
index, asks the search service the encyclopedia's questions, then lets a tiny policy play search
self-play in it and scores it on held-out questions before and after. On 2 cores it takes about ten
minutes. Stopped half-way, the same command goes on.

Examples:
  $ ssp quickstart --out runs/quickstart
  $ ssp quickstart --out runs/second --training-seed 2
  $ ssp quickstart --search-only`;

const defaultConfig = fileURLToPath(new URL('../config/presets/quickstart.yaml', import.meta.url));

/** `ssp quickstart`: the main job end to end, on the encyclopedia that the project makes itself. */
export function quickstartCommand(): Command {
  const command = new Command('quickstart')
    .description('the whole mission on a fictional encyclopedia: index, search, self-play, report')
    .option('--out <folder>', 'folder for everything it makes', 'runs/quickstart')
    .option('--search-only', 'stop before the training, which needs Python')
    .addHelpText('after', help);
  return addConfigOptions(command, 'generate', 'training').action(
    runAction(async (context, options) => {
      const named = { ...options, config: options['config'] ?? defaultConfig };
      const config = await resolveConfig(named, 'generate', 'training');
      const { quickstartFolders } = await import('./quickstart/stages.ts');
      const out = String(options['out']);
      const folders = quickstartFolders(out);
      const clock = new StageClock();
      const { withFolderLock } = await import('./training/folder-lock.ts');
      const summary = await withFolderLock({ path: out, lock: join(out, '.lock') }, async () => {
        await prepare(folders, config, clock, context);
        if (options['searchOnly'] === true) return undefined;
        return learn(folders, config, clock, context);
      });
      if (summary === undefined) return;
      const { summaryTable } = await import('./quickstart/summary.ts');
      context.print(summary, [summaryTable(summary), '', nextSteps(folders)].join('\n'));
    }),
  );
}

/** Everything up to a service that answers: the same bytes each time. */
async function prepare(
  folders: QuickstartFolders,
  config: Config,
  clock: StageClock,
  context: CommandContext,
): Promise<void> {
  const { makeIndex, makeQuestions } = await import('./quickstart/stages.ts');
  const { startSearch } = await import('./training/services.ts');
  const { quiz } = await import('./quickstart/quiz-stage.ts');
  await clock.run('index', () => makeIndex(folders, config, context));
  await clock.run('search', async () => {
    const service = await startSearch(folders.index, config);
    try {
      await quiz(folders, service.url, config.index.modes, context);
    } finally {
      await service.stop();
    }
  });
  await clock.run('seeds', () => makeQuestions(folders, config, context));
}

/** Self-play, and what it gave. */
async function learn(
  folders: QuickstartFolders,
  config: Config,
  clock: StageClock,
  context: CommandContext,
): Promise<Summary> {
  const { trainingConfigOf } = await import('./quickstart/stages.ts');
  const { runTraining } = await import('./training/run-training.ts');
  const { isUnfinished } = await import('./quickstart/unfinished-run.ts');
  const { runSummary } = await import('./quickstart/summary.ts');
  const { currentCommit, machineText } = await import('./training/run-start.ts');
  const { writeReport } = await import('../report/write-report.ts');
  const { writeJsonAtomic } = await import('../storage/atomic-file.ts');
  const { runFolder } = await import('../run/run-folder.ts');
  const full = trainingConfigOf(folders, config);
  const resume = await isUnfinished(folders.run, full);
  if (!resume) await rm(folders.run, { recursive: true, force: true });
  await clock.run('training', () =>
    runTraining({ run: folders.run, resume, config: full }, context),
  );
  await clock.run('report', () => writeReport([folders.run], folders.report, context));
  const { evaluationMinutes, ...found } = await runSummary(runFolder(folders.run));
  const commit = currentCommit();
  const summary: Summary = {
    machine: machineText(),
    ...(commit === undefined ? {} : { commit }),
    seed: config.training.seed,
    minutes: { ...clock.minutes(), evaluation: rounded(evaluationMinutes) },
    ...found,
    report: folders.report,
  };
  await writeJsonAtomic(folders.summary, summary);
  context.progress.note(`done in ${compactDuration(clock.totalMs())}`);
  return summary;
}

function nextSteps({ index, run, report, summary }: QuickstartFolders): string {
  return [
    `Open ${report} in a browser: curves and every episode. The numbers: ${summary}`,
    'Next:',
    `  npx ssp play --run ${run}                                   an episode, step by step`,
    `  npx ssp search --index ${index} "who founded the company"   one search`,
    `  npx ssp ablate --config ${join(run, 'config.yaml')} --out ${relative('.', join(run, '..', 'ablations'))}`,
  ].join('\n');
}

function rounded(minutes: number): number {
  return Math.round(minutes * 100) / 100;
}

/** How long each stage takes. */
class StageClock {
  readonly #startMs = performance.now();
  readonly #minutes = new Map<string, number>();

  async run<Result>(stage: string, work: () => Promise<Result>): Promise<Result> {
    const startMs = performance.now();
    const result = await work();
    this.#minutes.set(stage, (performance.now() - startMs) / 60_000);
    return result;
  }

  minutes(): Record<string, number> {
    const stages = [...this.#minutes].map(([stage, value]) => [stage, rounded(value)] as const);
    return { ...Object.fromEntries(stages), total: rounded(this.totalMs() / 60_000) };
  }

  totalMs(): number {
    return performance.now() - this.#startMs;
  }
}
