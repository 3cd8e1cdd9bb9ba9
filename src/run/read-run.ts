import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

import type { z } from 'zod';

import { describeIssues } from '../config/issues.ts';
import { messageOf, SspError } from '../errors/error.ts';
import { readJsonFile } from '../storage/json-file.ts';
import type { QuestionRecord } from '../types/question-record.ts';
import { questionRecordSchema } from '../types/question-record.ts';
import type { RunEvent } from '../types/run-event.ts';
import { runEventSchema } from '../types/run-event.ts';
import type { RunManifest } from '../types/run-manifest.ts';
import { runManifestSchema } from '../types/run-manifest.ts';
import type { StepMetrics, StepTimings } from '../types/step-metrics.ts';
import { stepMetricsSchema, stepTimingsSchema } from '../types/step-metrics.ts';
import type { RunFolder } from './run-folder.ts';
import { episodesFile } from './run-folder.ts';

/** What the run was made with. Throws SSP_FILE_NOT_FOUND where the folder holds no run. */
export function readRunManifest({ manifest }: RunFolder): Promise<RunManifest> {
  return readJsonFile(manifest, 'run manifest', runManifestSchema);
}

/** One line a step, in order; empty before the first. Throws SSP_FILE_INVALID with the line. */
export function readMetrics({ metrics }: RunFolder): Promise<StepMetrics[]> {
  return readLines(metrics, 'metrics', stepMetricsSchema);
}

/** As {@link readMetrics}. */
export function readTimings({ timings }: RunFolder): Promise<StepTimings[]> {
  return readLines(timings, 'timings', stepTimingsSchema);
}

/** In the order of time, empty where nothing happened. Throws as {@link readMetrics}. */
export function readEvents({ events }: RunFolder): Promise<RunEvent[]> {
  return readLines(events, 'events', runEventSchema);
}

/** The steps that have episodes, in order. */
export async function episodeSteps({ episodes }: RunFolder): Promise<number[]> {
  const names = await readdir(episodes).catch(() => []);
  const steps = names.flatMap((name) => /^step-(\d+)\.jsonl\.gz$/.exec(name)?.[1] ?? []);
  return steps.map(Number).sort((a, b) => a - b);
}

/** What happened in a step, question by question. */
export async function readEpisodes(folder: RunFolder, step: number): Promise<QuestionRecord[]> {
  const path = episodesFile(folder, step);
  const what = 'episodes';
  let text: string;
  try {
    text = (await promisify(gunzip)(await readFile(path))).toString('utf8');
  } catch (error) {
    if (isMissing(error)) throw new SspError('SSP_FILE_NOT_FOUND', { what, path });
    throw new SspError('SSP_FILE_UNREADABLE', { path, problem: messageOf(error) });
  }
  return parseLines(text, path, what, questionRecordSchema);
}

async function readLines<Schema extends z.ZodType>(
  path: string,
  what: string,
  schema: Schema,
): Promise<z.output<Schema>[]> {
  try {
    return parseLines(await readFile(path, 'utf8'), path, what, schema);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** A last line without its end was being written, and is left out. */
function parseLines<Schema extends z.ZodType>(
  text: string,
  path: string,
  what: string,
  schema: Schema,
): z.output<Schema>[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line, i) => {
    const problemOf = (problem: string): SspError =>
      new SspError('SSP_FILE_INVALID', { what, path, problem: `line ${i + 1}: ${problem}` });
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      throw problemOf(messageOf(error));
    }
    const parsed = schema.safeParse(value);
    if (!parsed.success) throw problemOf(describeIssues(parsed.error));
    return parsed.data;
  });
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
