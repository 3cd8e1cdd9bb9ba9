import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';

import { parse } from 'yaml';

import type { SspError } from '../errors/error.ts';
import { messageOf } from '../errors/error.ts';
import type { Progress } from '../progress/progress.ts';
import {
  eachEpisode,
  readEvents,
  readMetrics,
  readProbe,
  readRunManifest,
  readTimings,
} from '../run/read-run.ts';
import { episodeSteps, stateSteps } from '../run/run-contents.ts';
import type { RunFolder } from '../run/run-folder.ts';
import { runFolder } from '../run/run-folder.ts';
import type { OnDamage } from '../storage/json-files.ts';
import type { EvaluationOverlap } from '../types/evaluation.ts';
import type { RunEvent } from '../types/run.ts';
import type { StepMetrics, StepTimings } from '../types/step-metrics.ts';
import type { Alarm, RunData, SampledQuestions, StepRow } from './report-data.ts';
import type { SampleLimits, ShownQuestion } from './sample-questions.ts';
import { mixedByEnd, QuestionSample, shownQuestion, spread } from './sample-questions.ts';

/** What is read besides curves and configuration. */
export interface ReadOptions extends SampleLimits {
  /** Measures how far a run's questions overlap with evaluation sets; absent where nobody asked. */
  readonly overlapOf?: (folder: RunFolder, name: string) => Promise<EvaluationOverlap>;
}

interface Reading extends ReadOptions {
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * The runs in the folders `paths`, named by their last part, or whole where that is not unique; a
 * last part `run`, as the quickstart has it, is named with the part before. Each has an equal share
 * of `maxBytes`. What is damaged is left out and said in the run's `damage`, also where steps have no
 * metrics; a last line that was cut off is none. Throws SSP_FILE_NOT_FOUND where a folder holds no run,
 * and SSP_FILE_INVALID for a damaged manifest.
 */
export async function readRuns(paths: readonly string[], options: Reading): Promise<RunData[]> {
  const names = paths.map(runName);
  const maxBytes = options.maxBytes / paths.length;
  const runs: RunData[] = [];
  for (const [i, path] of paths.entries()) {
    const name = names[i] ?? path;
    const isUnique = names.indexOf(name) === names.lastIndexOf(name);
    runs.push(await readRun(path, isUnique ? name : path, { ...options, maxBytes }));
  }
  return runs;
}

function runName(path: string): string {
  const whole = resolve(path);
  const name = basename(whole);
  return name === 'run' ? `${basename(dirname(whole))}/${name}` : name;
}

async function readRun(path: string, name: string, options: Reading): Promise<RunData> {
  const folder = runFolder(path);
  const manifest = await readRunManifest(folder);
  const config = await readFile(folder.config, 'utf8').catch(() => undefined);
  const damage: string[] = [];
  const onDamage = ({ message }: SspError): void => void damage.push(message);
  const rows = rowsOf(await readMetrics(folder, onDamage), await readTimings(folder, onDamage));
  const events = watchEvents(await readEvents(folder, onDamage), rows);
  const sampled = await sampleQuestions(folder, name, rows, { ...options, onDamage });
  damage.push(...(await missingMetrics(folder, rows)));
  const overlap = await options.overlapOf?.(folder, name);
  const planned = plannedSteps(config);
  const probe = await readProbe(folder).catch(
    (error: unknown) => void damage.push(messageOf(error)),
  );
  return {
    ...{ name, manifest, config, plannedSteps: planned, rows, events, sampled },
    ...{ probe: probe ?? undefined, overlap, damage },
  };
}

/** A sentence where steps that were finished have no line of metrics. */
async function missingMetrics(folder: RunFolder, rows: readonly StepRow[]): Promise<string[]> {
  const states = await stateSteps(folder);
  if (rows.length === 0 && states.length === 0) return []; // episodes alone, of `ssp rollout`
  const finished = new Set([...(await episodeSteps(folder)), ...states]);
  for (const { step } of rows) finished.delete(step);
  finished.delete(0); // without a validation there is no line
  if (finished.size === 0) return [];
  const steps = [...finished].sort((a, b) => a - b).join(', ');
  return [`${folder.metrics} has no line of the steps ${steps}, of which there is more.`];
}

/** A step that was run again stands once, as it was the last time. */
function rowsOf(metrics: readonly StepMetrics[], timings: readonly StepTimings[]): StepRow[] {
  const timingsOf = new Map(timings.map((line) => [line.step, line]));
  const metricsOf = new Map(metrics.map((line) => [line.step, line]));
  return [...metricsOf.values()]
    .sort((a, b) => a.step - b.step)
    .map((line) => ({ step: line.step, metrics: line, timings: timingsOf.get(line.step) }));
}

/** Each once, though a step that is played again after a crash says the same again. */
function watchEvents(written: readonly RunEvent[], rows: readonly StepRow[]): Alarm[] {
  const ofFile = written.flatMap((line) => ('measure' in line ? alarm(line) : []));
  const ofRows = rows.flatMap(({ step, metrics }) =>
    metrics.watch.map((event) => alarm({ step, ...event })),
  );
  const byContent = new Map([...ofFile, ...ofRows].map((event) => [JSON.stringify(event), event]));
  return [...byContent.values()];
}

/** Without the time, so that equal ones are equal. */
function alarm({ step, measure, value, limit, action }: Alarm): Alarm {
  return { step, measure, value, limit, action };
}

async function sampleQuestions(
  folder: RunFolder,
  name: string,
  rows: readonly StepRow[],
  { maxBytes, maxSteps, progress, signal, onDamage }: Reading & { readonly onDamage: OnDamage },
): Promise<SampledQuestions> {
  const all = await episodeSteps(folder);
  const steps = maxBytes > 0 ? spread(all, maxSteps) : [];
  const sample = new QuestionSample();
  const stage = progress.stage(`episodes of ${name}`, 'steps', steps.length);
  let seen = 0;
  for (const [i, step] of steps.entries()) {
    signal.throwIfAborted();
    const shown: ShownQuestion[] = [];
    for await (const record of eachEpisode(folder, step, onDamage))
      shown.push(shownQuestion(record));
    seen += shown.length;
    const share = (maxBytes - sample.bytes) / (steps.length - i);
    sample.take(mixedByEnd(shown), sample.bytes + share);
    stage.add(1);
  }
  stage.end();
  const counted = rows.reduce((sum, { metrics }) => sum + questionsOf(metrics), 0);
  const totals = { totalQuestions: Math.max(counted, seen), totalSteps: all.length };
  return { ...sample.taken(), ...totals, readSteps: steps.length };
}

function questionsOf({ proposer, batch }: StepMetrics): number {
  return (proposer?.episodes ?? 0) + batch.reused + (batch.given ?? 0);
}

/** From the configuration as text: an older one may have other keys than today's schema. */
function plannedSteps(config: string | undefined): number | undefined {
  if (config === undefined) return undefined;
  try {
    const { training } = parse(config) as { training?: { steps?: unknown } };
    return typeof training?.steps === 'number' ? training.steps : undefined;
  } catch {
    return undefined;
  }
}
