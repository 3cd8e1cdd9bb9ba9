import { existsSync } from 'node:fs';

import type { z } from 'zod';

import { isSspError } from '../errors/error.ts';
import { throwKindOr } from '../storage/input-kind.ts';
import type { OnDamage } from '../storage/json-files.ts';
import { eachJsonLine, readJsonFile, readJsonLines } from '../storage/json-files.ts';
import type { ProbeResult } from '../types/probe.ts';
import { probeResultSchema } from '../types/probe.ts';
import type { QuestionRecord } from '../types/question-record.ts';
import { questionRecordSchema } from '../types/question-record.ts';
import type { RunEvent, RunManifest } from '../types/run.ts';
import { runEventSchema, runManifestSchema } from '../types/run.ts';
import type { StepMetrics, StepTimings } from '../types/step-metrics.ts';
import { stepMetricsSchema, stepTimingsSchema } from '../types/step-metrics.ts';
import type { RunFolder } from './run-folder.ts';
import { episodesFile } from './run-folder.ts';

/** What the run was made with. Throws SSP_FILE_NOT_FOUND, SSP_INPUT_KIND where the folder holds no run. */
export async function readRunManifest({ manifest, path }: RunFolder): Promise<RunManifest> {
  try {
    return await readJsonFile(manifest, 'run manifest', runManifestSchema);
  } catch (error) {
    return throwKindOr(error, path, 'run');
  }
}

/** Undefined where nothing was probed. Throws SSP_FILE_INVALID. */
export async function readProbe({ probe }: RunFolder): Promise<ProbeResult | undefined> {
  return existsSync(probe) ? readJsonFile(probe, 'probe', probeResultSchema) : undefined;
}

/**
 * One line a step, in order; empty before the first. Throws SSP_FILE_INVALID with the line, which
 * `onDamage`, where given, is told instead.
 */
export function readMetrics({ metrics }: RunFolder, onDamage?: OnDamage): Promise<StepMetrics[]> {
  return readLines(metrics, 'metrics', stepMetricsSchema, onDamage);
}

/** As {@link readMetrics}. */
export function readTimings({ timings }: RunFolder, onDamage?: OnDamage): Promise<StepTimings[]> {
  return readLines(timings, 'timings', stepTimingsSchema, onDamage);
}

/** In the order of time, empty where nothing happened. Throws as {@link readMetrics}. */
export function readEvents({ events }: RunFolder, onDamage?: OnDamage): Promise<RunEvent[]> {
  return readLines(events, 'events', runEventSchema, onDamage);
}

/**
 * What happened in a step, question by question, one after the other: all of it may be longer than a
 * string can be. Throws SSP_FILE_NOT_FOUND, SSP_FILE_UNREADABLE, and SSP_FILE_INVALID with the line;
 * `onDamage`, where given, is told the last two instead.
 */
export function eachEpisode(
  folder: RunFolder,
  step: number,
  onDamage?: OnDamage,
): AsyncGenerator<QuestionRecord> {
  return eachJsonLine(episodesFile(folder, step), 'episodes', questionRecordSchema, onDamage);
}

/** All of {@link eachEpisode} at once. */
export function readEpisodes(folder: RunFolder, step: number): Promise<QuestionRecord[]> {
  return readJsonLines(episodesFile(folder, step), 'episodes', questionRecordSchema);
}

async function readLines<Schema extends z.ZodType>(
  path: string,
  what: string,
  schema: Schema,
  onDamage?: OnDamage,
): Promise<z.output<Schema>[]> {
  try {
    return await readJsonLines(path, what, schema, onDamage);
  } catch (error) {
    if (isSspError(error, 'SSP_FILE_NOT_FOUND')) return [];
    throw error;
  }
}

/**
 * Why the collapse watch stopped the run, in the words of SSP_TRAINING_COLLAPSED; undefined where it
 * did not, or where the run has been resumed since. Throws as {@link readEvents}.
 */
export async function stopReason(folder: RunFolder): Promise<string | undefined> {
  const last = (await readEvents(folder)).at(-1);
  return last?.event === 'stopped' ? last.reason : undefined;
}

/**
 * The share of the valid questions of these steps whose answer is right by the world's facts, 0..1;
 * null where the facts were not known or nothing was valid.
 */
export function truthShare(metrics: readonly StepMetrics[]): number | null {
  const counts = metrics.flatMap(({ truth }) => truth ?? []);
  const right = counts.reduce((sum, { true: some }) => sum + some, 0);
  const all = counts.reduce((sum, one) => sum + one.true + one.false + one.unreadable, 0);
  return all === 0 ? null : right / all;
}
