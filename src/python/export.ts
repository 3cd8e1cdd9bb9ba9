import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, realpath, rm } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import { SspError } from '../errors/error.ts';
import type { Progress } from '../progress/progress.ts';
import { writeJsonAtomic } from '../storage/atomic-file.ts';
import { readJsonFile } from '../storage/json-files.ts';
import { withOutputLock } from '../storage/lock.ts';
import type { OwnFolder } from '../storage/own-folder.ts';
import {
  ownPaths,
  refuseForeign,
  removeUnfinished,
  replaceFolder,
  unfinishedPath,
} from '../storage/own-folder.ts';
import { toolVersion } from '../version.ts';
import type { EnvironmentOptions, PythonEnvironment } from './environment.ts';
import { ensurePythonEnvironment } from './environment.ts';
import { runLines } from './process.ts';

const paritySchema = z.strictObject({
  maxAbsDiff: z.number(),
  minCosine: z.number(),
  bytes: z.int(),
});

const reportSchema = z.strictObject({
  /** Texts and tokens that were compared. */
  texts: z.int(),
  tokens: z.int(),
  fp32: paritySchema,
  q8: paritySchema,
});
/** How far the exported models are from PyTorch: unit vectors of the same texts. */
export type ExportReport = z.output<typeof reportSchema>;

export interface ExportOptions extends EnvironmentOptions {
  /** Folder with config.json, the weights (safetensors or bin) and the tokenizer. */
  readonly source: string;
  /** Folder to make; it appears whole or not at all. */
  readonly out: string;
  readonly pooling: 'mean' | 'cls';
  /** A description file to put beside the model, by name. */
  readonly description: { readonly file: string; readonly value: unknown };
  /** Replace `out` if it exists. */
  readonly force: boolean;
  /** Looks at the finished folder before it appears as `out`; what it throws leaves nothing. */
  readonly check: (folder: string) => Promise<void>;
}

/** What an export has written, so that a later one knows what it may replace. */
const listName = 'ssp-export.json';
const listSchema = z.looseObject({ files: z.array(z.string()) });

/** fp32 must agree with PyTorch to this much, else nothing is written. */
const toleratedDiff = 1e-4;

/**
 * Exports an encoder folder to ONNX in fp32 and q8 and measures both against PyTorch. Throws
 * SSP_OUTPUT_IN_USE, SSP_OUTPUT_EXISTS, with `force` SSP_OUTPUT_FOREIGN for a folder that holds more
 * than an export, SSP_ENCODER_UNSUPPORTED, SSP_ENCODER_EXPORT_FAILED the SSP_PYTHON_ errors,
 * and what `check` throws.
 */
export async function exportEncoder(options: ExportOptions): Promise<ExportReport> {
  const out = existsSync(options.out) ? await realpath(options.out) : resolve(options.out);
  return withOutputLock({ out: options.out, lock: `${out}.lock` }, async () => {
    if (options.force) await refuseForeign(out, await exportedFiles(out));
    else await requireAbsent(out);
    await removeUnfinished(out);
    return exportTo(out, options);
  });
}

async function exportTo(out: string, options: ExportOptions): Promise<ExportReport> {
  const environment = await ensurePythonEnvironment(options);
  const temporary = unfinishedPath(out);
  await mkdir(temporary);
  try {
    await copyDescriptions(options.source, temporary);
    await writeJsonAtomic(join(temporary, options.description.file), options.description.value);
    const args = [resolve(options.source), temporary, '--pooling', options.pooling];
    const outcome = await runProgram('export_encoder.py', args, { ...options, environment });
    if ('error' in outcome) throw failure(options.source, outcome.error);
    const report = reportSchema.parse(outcome.result);
    requireParity(options.source, report);
    options.progress.note('Opening what was written');
    await options.check(temporary);
    await writeList(temporary);
    await replaceFolder(temporary, out, await exportedFiles(out));
    return report;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function requireAbsent(out: string): Promise<void> {
  const entries = await readdir(out).catch(() => []);
  if (entries.length > 0) {
    throw new SspError('SSP_OUTPUT_EXISTS', { path: out, what: `${entries.length} entries` });
  }
}

async function writeList(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.map((entry) => {
    const path = relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/');
    return entry.isDirectory() ? `${path}/` : path;
  });
  await writeJsonAtomic(join(folder, listName), { toolVersion, files: files.toSorted() });
}

/** What an earlier export has written into `out`; nothing where none says so. */
async function exportedFiles(out: string): Promise<OwnFolder> {
  if (!existsSync(join(out, listName))) return {};
  const { files } = await readJsonFile(join(out, listName), 'list of files', listSchema);
  return ownPaths([listName, ...files]);
}

/**
 * Configuration, tokenizer, sentence-transformers files and licence: everything but weights. What the
 * hub's cache has as links becomes files.
 */
async function copyDescriptions(source: string, target: string): Promise<void> {
  const kept = /^(.*\.(json|txt|md|model)|LICENSE.*|[0-9]+_\w+)$/i;
  const left = /\.index\.json$|^(flax|tf|rust)_/;
  const names = (await readdir(source)).filter((name) => kept.test(name) && !left.test(name));
  const isWeights = (path: string): boolean => /\.(safetensors|bin|pt|h5|msgpack)$/.test(path);
  for (const name of names) {
    const filter = (path: string): boolean => !isWeights(path);
    await cp(join(source, name), join(target, name), {
      recursive: true,
      dereference: true,
      filter,
    });
  }
}

function failure(path: string, error: { kind: string; problem: string }): SspError {
  const { kind, problem } = error;
  return kind === 'unsupported'
    ? new SspError('SSP_ENCODER_UNSUPPORTED', { path, problem })
    : new SspError('SSP_ENCODER_EXPORT_FAILED', { path, problem });
}

function requireParity(path: string, { fp32 }: ExportReport): void {
  if (fp32.maxAbsDiff <= toleratedDiff) return;
  const problem = `its ONNX vectors differ from PyTorch's by ${fp32.maxAbsDiff}`;
  throw new SspError('SSP_ENCODER_EXPORT_FAILED', { path, problem });
}

const eventSchema = z.union([
  z.strictObject({ note: z.string() }),
  z.strictObject({ result: z.unknown() }),
  z.strictObject({ error: z.strictObject({ kind: z.string(), problem: z.string() }) }),
]);
type Event = z.output<typeof eventSchema>;

/** What a Python program of this folder gave back. */
type ProgramOutcome =
  | { readonly result: unknown }
  | { readonly error: { readonly kind: string; readonly problem: string } };

/**
 * Runs a Python program of this folder that speaks in JSON lines: `{"note"}` for progress and one
 * `{"result"}` or `{"error": {kind, problem}}`. Throws SSP_PYTHON_PROGRAM_FAILED where it ends with
 * neither, and the signal's reason once it is aborted.
 */
async function runProgram(
  program: string,
  args: readonly string[],
  options: {
    readonly environment: PythonEnvironment;
    readonly progress: Progress;
    readonly signal?: AbortSignal;
  },
): Promise<ProgramOutcome> {
  const { environment, progress, signal } = options;
  const path = fileURLToPath(new URL(program, import.meta.url));
  let outcome: ProgramOutcome | undefined;
  const { code, tail } = await runLines(environment.python, [path, ...args], signal, (line) => {
    const event = parseEvent(line);
    if (event === undefined) return;
    if ('note' in event) progress.note(event.note);
    else outcome = event;
  });
  if (outcome !== undefined) return outcome;
  throw new SspError('SSP_PYTHON_PROGRAM_FAILED', {
    program: basename(path),
    problem: tail.findLast((line) => line.trim() !== '') ?? `exit code ${code} without output`,
    environment: dirname(dirname(environment.python)),
  });
}

function parseEvent(line: string): Event | undefined {
  try {
    return eventSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
