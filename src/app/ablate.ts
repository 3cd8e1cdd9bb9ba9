import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import leven from 'leven';
import { parse } from 'yaml';
import { z } from 'zod';

import type { ConfigOverrides } from '../config/load.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { isSspError, messageOf, SspError } from '../errors/error.ts';
import type { JobContext } from '../progress/progress.ts';
import { writeReport } from '../report/render-report.ts';
import { readMetrics, stopReason, truthShare } from '../run/read-run.ts';
import { stateSteps } from '../run/run-contents.ts';
import { runFolder, withRunLock } from '../run/run-folder.ts';
import { writeFileAtomic, writeJsonAtomic } from '../storage/atomic-file.ts';
import { depthOfValid } from '../training/depth-metrics.ts';
import { meanOf } from '../training/means.ts';
import type { StepMetrics } from '../types/step-metrics.ts';
import type { AblationRow } from './ablation-table.ts';
import { ablationTable } from './ablation-table.ts';
import { isRun } from './train/run-start.ts';
import { runTraining } from './train/run-training.ts';

/** What is to be compared. */
export interface AblationRequest {
  /** Files of the configuration that the variants change; later ones win. */
  readonly base: string | readonly string[];
  readonly variants: readonly Variant[];
  readonly seeds: readonly number[];
  readonly out: string;
  /** Instead of the configuration's. */
  readonly steps: number | undefined;
  /** Go on with runs that the collapse watch stopped; else they are finished results. */
  readonly continueStopped: boolean;
}

/** The comparison of all runs. */
interface Ablation {
  readonly rows: readonly AblationRow[];
  readonly table: string;
}

/**
 * Trains every variant with every seed, one run after the other, and compares them. Throws what
 * {@link runTraining} throws, SSP_RUN_IN_USE also where another command does this in `out`.
 */
export function ablate(request: AblationRequest, context: JobContext): Promise<Ablation> {
  return withRunLock(request.out, () => trainAll(request, context));
}

async function trainAll(
  { base, variants, seeds, out, steps, continueStopped }: AblationRequest,
  context: JobContext,
): Promise<Ablation> {
  const runs = seeds.flatMap((seed) => variants.map((variant) => ({ variant, seed })));
  const rows: AblationRow[] = [];
  for (const [i, { variant, seed }] of runs.entries()) {
    context.progress.note(`run ${i + 1} of ${runs.length}: ${variant.name}, seed ${seed}`);
    const config = await variantConfig(base, variant, { seed, ...(steps && { steps }) });
    const run = join(out, `${variant.name}-seed${seed}`);
    const stopped = await trainOnce({ run, config, continueStopped }, context);
    rows.push({ ...(await rowOf(run, variant.name, seed)), ...(stopped && { stopped }) });
    await writeJsonAtomic(join(out, 'ablations.json'), rows);
  }
  const table = ablationTable(rows);
  await writeFileAtomic(join(out, 'ablations.md'), `${table}\n`);
  const folders = rows.map(({ run }) => run);
  await writeReport(folders, join(out, 'report.html'), context, { maxBytes: 0, maxSteps: 0 });
  return { rows, table };
}

/** The base configuration with the variant's keys and the run's own over it. */
async function variantConfig(
  base: AblationRequest['base'],
  { overrides }: Variant,
  own: { readonly seed: number; readonly steps?: number },
): Promise<Config> {
  return loadConfig(base, { ...overrides, training: { ...overrides['training'], ...own } });
}

/**
 * Makes or finishes one run. That the collapse watch stopped it is a result, and stays one; gives the
 * reason.
 */
async function trainOnce(
  { run, config, continueStopped }: { run: string; config: Config; continueStopped: boolean },
  context: JobContext,
): Promise<string | undefined> {
  const folder = runFolder(run);
  const resume = await isRun(folder);
  const stopped = await stopReason(folder);
  const isDone = (await stateSteps(folder)).at(-1) === config.training.steps;
  if (isDone || (stopped !== undefined && !continueStopped)) return stopped;
  try {
    await runTraining({ run, resume, config }, context);
    return undefined;
  } catch (error) {
    if (!isSspError(error, 'SSP_TRAINING_COLLAPSED')) throw error;
    return messageOf(error);
  }
}

async function rowOf(run: string, variant: string, seed: number): Promise<AblationRow> {
  const metrics = await readMetrics(runFolder(run));
  const scores = metrics.flatMap(({ validation }) => validation ?? []);
  const exact = scores.flatMap(({ exactMatch }) => exactMatch ?? []);
  return {
    ...{ variant, seed, run, steps: metrics.at(-1)?.step ?? 0 },
    before: exact[0] ?? null,
    after: exact.at(-1) ?? null,
    best: exact.length === 0 ? null : Math.max(...exact),
    outcomes: scores.at(-1)?.outcomes ?? {},
    afterByHops: scores.at(-1)?.exactMatchByHops ?? {},
    depth: {
      first: meanDepth(metrics.filter(({ step }) => step > 0).slice(0, 5)),
      last: meanDepth(metrics.slice(-5)),
    },
    truth: truthShare(metrics),
    validRate: validRate(metrics.slice(-10)),
  };
}

function validRate(metrics: readonly StepMetrics[]): number | null {
  return meanOf(metrics.flatMap(({ proposer }) => proposer?.validRate ?? []));
}

function meanDepth(metrics: readonly StepMetrics[]): number | null {
  return meanOf(metrics.flatMap(({ proposer }) => depthOfValid(proposer?.byDepth ?? {}) ?? []));
}

/** A named change to a configuration. */
export interface Variant {
  readonly name: string;
  readonly overrides: ConfigOverrides;
}

const fileSchema = z.record(
  z.string().regex(/^[a-z0-9][a-z0-9.-]*$/, 'is no name: lower-case letters, digits, . and -'),
  z.record(z.string(), z.record(z.string(), z.unknown())),
);

/**
 * The variants of a YAML file by their names. Throws SSP_CONFIG_INVALID for a file of another form
 * and for an unknown name, with a near one or all; SSP_FILE_NOT_FOUND without the file.
 */
export async function readVariants(path: string, names: readonly string[]): Promise<Variant[]> {
  const invalid = (problem: string): SspError =>
    new SspError('SSP_CONFIG_INVALID', { source: path, problem });
  const text = await readFile(path, 'utf8').catch(() => {
    throw new SspError('SSP_FILE_NOT_FOUND', { what: 'file of variants', path });
  });
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw invalid(messageOf(error));
  }
  const parsed = fileSchema.safeParse(value);
  if (!parsed.success) throw invalid(parsed.error.issues[0]?.message ?? 'it has another form');
  return names.map((name) => {
    const overrides = parsed.data[name];
    if (overrides !== undefined) return { name, overrides };
    const known = Object.keys(parsed.data);
    const [nearest = ''] = known.toSorted((a, b) => leven(a, name) - leven(b, name));
    const hint =
      leven(nearest, name) <= 2 ? `the nearest is ${nearest}` : `there are ${known.join(', ')}`;
    throw invalid(`there is no variant ${name}; ${hint}`);
  });
}
