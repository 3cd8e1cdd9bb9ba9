import type { Config } from '../../config/schema.ts';
import type { JobContext } from '../../progress/progress.ts';
import { compactDuration, silentProgress } from '../../progress/progress.ts';
import { writeReport } from '../../report/render-report.ts';
import { ownRunFolder, runFolder } from '../../run/run-folder.ts';
import { withRunLock } from '../../run/run-lock.ts';
import { writeJsonAtomic } from '../../storage/atomic-file.ts';
import { refuseForeign, removeOwn } from '../../storage/own-folder.ts';
import { serveIndex } from '../search-service.ts';
import { currentCommit, machineText } from '../train/run-start.ts';
import { runTraining } from '../train/run-training.ts';
import { quiz } from './quiz.ts';
import type { QuickstartFolders } from './stages.ts';
import { isUnfinished, makeIndex, makeQuestions, trainingConfigOf } from './stages.ts';
import type { Summary } from './summary.ts';
import { runSummary } from './summary.ts';

/** The main job end to end. */
export interface QuickstartRequest {
  /** The folder that all of `folders` lie in. */
  readonly out: string;
  readonly folders: QuickstartFolders;
  readonly config: Config;
  /** Stop before the training. */
  readonly searchOnly: boolean;
}

/**
 * Makes a fictional encyclopedia, its corpus, its index and its questions, asks the search service,
 * and trains in it; goes on with a training that was broken off. Gives what came of it, undefined
 * with `searchOnly`. Throws SSP_OUTPUT_FOREIGN where one of its folders holds anything else,
 * SSP_RUN_IN_USE where another command works in them, and what its stages throw.
 */
export function runQuickstart(
  { out, folders, config, searchOnly }: QuickstartRequest,
  context: JobContext,
): Promise<Summary | undefined> {
  const clock = new StageClock();
  return withRunLock(out, async () => {
    const goesOn =
      searchOnly || (await isUnfinished(folders.run, trainingConfigOf(folders, config)));
    if (!goesOn) await refuseForeign(folders.run, ownRunFolder);
    await prepare(folders, config, clock, context);
    return searchOnly ? undefined : learn(folders, config, clock, context);
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

/** Self-play, and what it gave. */
async function learn(
  folders: QuickstartFolders,
  config: Config,
  clock: StageClock,
  context: JobContext,
): Promise<Summary> {
  const full = trainingConfigOf(folders, config);
  const resume = await isUnfinished(folders.run, full);
  if (!resume) await removeRun(folders.run);
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

/** A run of another configuration, or one that has ended: its place is needed. */
function removeRun(path: string): Promise<void> {
  return withRunLock(path, async () => {
    await refuseForeign(path, ownRunFolder);
    await removeOwn(path, ownRunFolder);
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
