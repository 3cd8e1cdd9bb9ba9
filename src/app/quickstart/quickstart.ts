import { rm } from 'node:fs/promises';

import type { Config } from '../../config/schema.ts';
import type { JobContext } from '../../progress/progress.ts';
import { compactDuration, silentProgress } from '../../progress/progress.ts';
import { writeReport } from '../../report/render-report.ts';
import { ownRunFolder, runFolder } from '../../run/run-folder.ts';
import { withRunLock } from '../../run/run-folder.ts';
import { writeJsonAtomic } from '../../storage/atomic-file.ts';
import { refuseForeign, removeOwn } from '../../storage/own-folder.ts';
import { serveIndex } from '../search-service.ts';
import { currentCommit, machineText } from '../train/run-start.ts';
import { runTraining } from '../train/run-training.ts';
import { quiz } from './quiz.ts';
import type { QuickstartFolders } from './stages.ts';
import { makeIndex, makeQuestions, quickstartState, trainingConfigOf } from './stages.ts';
import type { Summary } from './summary.ts';
import { readSummary, runSummary } from './summary.ts';

/** The main job end to end. */
export interface QuickstartRequest {
  /** The folder that all of `folders` lie in. */
  readonly out: string;
  readonly folders: QuickstartFolders;
  readonly config: Config;
  /** Stop before the training. */
  readonly searchOnly: boolean;
  /** Replace the run of an earlier quickstart. */
  readonly force: boolean;
}

/**
 * Makes a fictional encyclopedia, its corpus, its index and its questions, asks the search service,
 * and trains in it; goes on with what was broken off. Gives what came of it, that of a finished
 * quickstart at once, undefined with `searchOnly`. Throws SSP_QUICKSTART_EXISTS where another one was
 * made there, SSP_OUTPUT_FOREIGN where one of its folders holds anything else, SSP_RUN_IN_USE where
 * another command works in them, and what its stages throw.
 */
export function runQuickstart(
  { out, folders, config, searchOnly, force }: QuickstartRequest,
  context: JobContext,
): Promise<Summary | undefined> {
  const clock = new StageClock();
  return withRunLock(out, async () => {
    if (searchOnly) {
      await prepare(folders, config, clock, context);
      return undefined;
    }
    const full = trainingConfigOf(folders, config);
    const state = force ? 'none' : await quickstartState(folders, full);
    if (state === 'finished') {
      context.progress.note(`${out} holds this quickstart, finished; --force makes it anew`);
      return readSummary(folders);
    }
    if (state === 'none') await refuseForeign(folders.run, ownRunFolder);
    if (state !== 'trained') {
      await prepare(folders, config, clock, context);
      if (state === 'none') await removeRun(folders);
      const request = { run: folders.run, resume: state === 'begun', config: full };
      await clock.run('training', () => runTraining(request, context));
    }
    return conclude(folders, full, clock, context);
  });
}

/** Everything up to a service that answers: the same bytes each time. */
async function prepare(
  folders: QuickstartFolders,
  config: Config,
  clock: StageClock,
  context: JobContext,
): Promise<void> {
  await clock.run('index', () => makeIndex(folders, config, context));
  await clock.run('search', async () => {
    const here = { ...config, service: { ...config.service, host: '127.0.0.1', port: 0 } };
    const service = await serveIndex(folders.index, here, { progress: silentProgress });
    try {
      await service.ready;
      await quiz(folders, service.url, config.index.modes, context);
    } finally {
      await service.stop();
    }
  });
  await clock.run('seeds', () => makeQuestions(folders, config, context));
}

/** What the training gave: the report, then the summary, which says that all is there. */
async function conclude(
  folders: QuickstartFolders,
  config: Config,
  clock: StageClock,
  context: JobContext,
): Promise<Summary> {
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

/** What a start without a checkpoint has left, and with `force` an earlier quickstart's run. */
async function removeRun({ run, summary }: QuickstartFolders): Promise<void> {
  await rm(summary, { force: true });
  await withRunLock(run, async () => {
    await refuseForeign(run, ownRunFolder);
    await removeOwn(run, ownRunFolder);
  });
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
