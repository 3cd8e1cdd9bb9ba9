import { appendFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { emptyPool } from '../game/replay-pool.ts';
import { episodeSteps, stateSteps } from '../run/run-contents.ts';
import type { RunFolder } from '../run/run-folder.ts';
import { episodesFile, stepName } from '../run/run-folder.ts';
import { writeFileAtomic, writeJsonAtomic } from '../storage/atomic-file.ts';
import { createFolder } from '../storage/create-folder.ts';
import { jsonLine, readJsonFile, writeJsonLines } from '../storage/json-files.ts';
import type { QuestionRecord } from '../types/question-record.ts';
import { replayPoolSchema } from '../types/question-record.ts';
import type { RunEvent } from '../types/run.ts';
import type { StepMetrics, StepTimings } from '../types/step-metrics.ts';

/** Earlier versions knew one measure. */
function withMeasure(best: unknown): unknown {
  if (typeof best !== 'object' || best === null || !('exactMatch' in best)) return best;
  const { exactMatch: score, ...others } = best;
  return { ...others, measure: 'exactMatch', score };
}

/** What the trainer itself must know to go on after a step; it stands beside each checkpoint. */
const trainerStateSchema = z
  .strictObject({
    formatVersion: z.literal(1),
    /** The last finished step; 0 before the first. */
    step: z.int().min(0),
    /** Or given questions, of a run that trains on them. */
    drawnSeeds: z.int().min(0),
    pool: replayPoolSchema,
    rollbacks: z.int().min(0),
    /** Of the collapse watch. */
    streaks: z.record(z.string(), z.int().min(1)).readonly(),
    /** The best validation so far. */
    best: z
      .preprocess(
        withMeasure,
        z.strictObject({
          step: z.int().min(0),
          /** `training.bestBy`. */
          measure: z.enum(['exactMatch', 'f1', 'judge']),
          score: z.number(),
        }),
      )
      .readonly()
      .nullable(),
    /** Where the policy service keeps the weights, and their hash. */
    checkpoint: z
      .strictObject({ name: z.string(), path: z.string(), hash: z.string() })
      .readonly()
      .nullable(),
  })
  .readonly();
export type TrainerState = z.output<typeof trainerStateSchema>;

/** Before the first step. */
export const initialState: TrainerState = {
  formatVersion: 1,
  step: 0,
  drawnSeeds: 0,
  pool: emptyPool,
  rollbacks: 0,
  streaks: {},
  best: null,
  checkpoint: null,
};

/** Makes the folders of a run. */
export async function makeRunFolders({ episodes, states, checkpoints }: RunFolder): Promise<void> {
  for (const path of [episodes, states, checkpoints]) await createFolder(path);
}

/** Writes what happened in a step, whole, then its line of metrics. */
export async function writeStep(
  folder: RunFolder,
  records: readonly QuestionRecord[],
  metrics: StepMetrics,
): Promise<void> {
  if (records.length > 0) {
    await writeJsonLines(episodesFile(folder, metrics.step), records);
  }
  await appendFile(folder.metrics, jsonLine(metrics));
}

export async function writeTimings({ timings }: RunFolder, line: StepTimings): Promise<void> {
  await appendFile(timings, jsonLine(line));
}

/** Adds a line, with the time, to what happened in the run. */
export async function writeEvent({ events }: RunFolder, event: UntimedEvent): Promise<void> {
  const timed: RunEvent = { time: new Date().toISOString(), ...event };
  await appendFile(events, jsonLine(timed));
}

/** Omit, for each kind of event by itself. */
type UntimedEvent<Event = RunEvent> = Event extends RunEvent ? Omit<Event, 'time'> : never;

/** Writes the trainer's state: from now on the checkpoint of that step is whole. */
export async function writeState({ states }: RunFolder, state: TrainerState): Promise<void> {
  await writeJsonAtomic(join(states, `${stepName(state.step)}.json`), state);
}

/** Throws SSP_FILE_NOT_FOUND or SSP_FILE_INVALID. */
export function readState({ states }: RunFolder, step: number): Promise<TrainerState> {
  const path = join(states, `${stepName(step)}.json`);
  return readJsonFile(path, 'trainer state', trainerStateSchema);
}

/** Removes everything that was written after `step`, of an interrupted step too. */
export async function cutBack(folder: RunFolder, step: number): Promise<void> {
  for (const path of [folder.metrics, folder.timings]) await cutLines(path, step);
  for (const later of await episodeSteps(folder)) {
    if (later > step) await rm(episodesFile(folder, later));
  }
  for (const later of await stateSteps(folder)) {
    if (later > step) await rm(join(folder.states, `${stepName(later)}.json`));
  }
}

/**
 * Keeps everything up to the last line of `step` or an earlier one, byte for byte: damaged lines
 * before it stay for whoever reads the file, those after it are of steps that are played again.
 */
async function cutLines(path: string, step: number): Promise<void> {
  const lines = (await readFile(path, 'utf8').catch(emptyIfMissing)).split('\n').slice(0, -1);
  const last = lines.findLastIndex((line) => stepOf(line) <= step);
  await writeFileAtomic(
    path,
    lines
      .slice(0, last + 1)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

function emptyIfMissing(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return '';
  throw error;
}

/** Infinity for a line that was damaged. */
function stepOf(line: string): number {
  try {
    return lineSchema.safeParse(JSON.parse(line)).data?.step ?? Infinity;
  } catch {
    return Infinity;
  }
}

const lineSchema = z.looseObject({ step: z.int().min(0) });
