import type { Config } from '../../config/schema.ts';
import { SspError } from '../../errors/error.ts';
import { emptyPool } from '../../game/replay-pool.ts';
import type { JobContext } from '../../progress/progress.ts';
import { createRandom } from '../../random/random.ts';
import { episodeSteps } from '../../run/run-contents.ts';
import type { RunFolder } from '../../run/run-folder.ts';
import { episodesFile } from '../../run/run-folder.ts';
import { writeJsonLines } from '../../storage/json-files.ts';
import { GivenQuestions } from '../../training/given-questions.ts';
import { playStep } from '../../training/play-step.ts';
import { ProposedQuestions } from '../../training/proposed-questions.ts';
import type { Rollouts, StepContext } from '../../training/rollouts.ts';
import { StepTimer } from '../../training/step-timer.ts';
import { withTruth } from '../../training/truth.ts';
import type { QuestionRecord } from '../../types/question-record.ts';
import type { RunInputs } from '../train/run-inputs.ts';
import { countRollouts, countsText } from './rollout-counts.ts';

type Source = RunInputs['source'];

/** Steps that all of the source makes. */
export function stepsOf(source: Source, { training }: Pick<Config, 'training'>): number {
  const { length } = source.kind === 'seeds' ? source.seeds : source.questions;
  return Math.ceil(length / training.batchQuestions);
}

/** The numbers, from 1, of the steps whose episodes are not written. */
export async function openSteps(folder: RunFolder, steps: number): Promise<number[]> {
  const written = new Set(await episodeSteps(folder));
  return Array.from({ length: steps }, (_, i) => i + 1).filter((step) => !written.has(step));
}

/** With what steps are played. */
interface StepParts {
  readonly config: Config;
  readonly source: Source;
  readonly truthOf: RunInputs['truthOf'];
  readonly folder: RunFolder;
  readonly rollouts: Rollouts;
}

/**
 * Plays the steps, one after the other, and writes each whole. Throws SSP_ROLLOUT_FAILURES where
 * services failed in too many episodes of one, which is not written, and the signal's reason once it is
 * aborted.
 */
export async function playSteps(
  steps: readonly number[],
  parts: StepParts,
  job: JobContext,
): Promise<void> {
  const { config, source, folder, rollouts } = parts;
  for (const step of steps) {
    const records = await play(step, parts, job);
    checkFailures(step, records, config.training.maxFailedShare, rollouts);
    await writeJsonLines(episodesFile(folder, step), records);
    const text = countsText(countRollouts(records), config.rollout.role);
    job.progress.note(`step ${step}/${stepsOf(source, config)}: ${text}`);
  }
}

/** One step; proposals that nobody answers have no place. */
async function play(
  step: number,
  { config, source, truthOf, rollouts }: StepParts,
  { progress, signal }: JobContext,
): Promise<readonly QuestionRecord[]> {
  const { training, game, rollout } = config;
  const context: StepContext = {
    ...{ step, rollouts, training, attempts: game.attempts, progress, signal },
    random: (...path) => createRandom(training.seed, 'rollout', step, ...path),
  };
  const timer = new StepTimer();
  if (source.kind === 'questions') {
    const questions = new GivenQuestions(queueOf(source.questions, step));
    return (await playStep(questions, emptyPool, context, timer)).records;
  }
  const proposed = new ProposedQuestions(queueOf(source.seeds, step));
  if (rollout.role === 'both') {
    return withTruth((await playStep(proposed, emptyPool, context, timer)).records, truthOf);
  }
  const { records } = await proposed.nextBatch(emptyPool, context, timer);
  return withTruth(records, truthOf).map((record) => ({ ...record, place: 'none' }));
}

/** The items in their order, from those of `step` on. */
function queueOf<Item>(items: readonly Item[], step: number) {
  const take = (count: number): Item[] => items.slice((step - 1) * count, step * count);
  return { take, drawn: 0 };
}

function checkFailures(
  step: number,
  records: readonly QuestionRecord[],
  limit: number,
  rollouts: Rollouts,
): void {
  const failure = rollouts.takeFailure();
  const lost = records.flatMap(({ proposal, attempts }) => [
    ...(proposal === undefined ? [] : [proposal.verdict.kind === 'failed']),
    ...attempts.map(({ reward }) => reward.kind === 'left-out'),
  ]);
  const failed = lost.filter(Boolean).length;
  if (failed <= limit * lost.length) return;
  const problem = failure === undefined ? 'unknown' : `${failure.code}: ${failure.message}`;
  const details = { step, failed, episodes: lost.length, limit, problem };
  throw new SspError('SSP_ROLLOUT_FAILURES', details, { cause: failure });
}
