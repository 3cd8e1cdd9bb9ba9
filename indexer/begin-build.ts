import { isSspError, SspError } from '../src/errors/error.ts';
import type { JobContext } from '../src/progress/progress.ts';
import { dataFolder, readHead, readHeadForBuild } from '../src/retrieval/index-head.ts';
import { refuseForeign } from '../src/storage/own-folder.ts';
import type { IndexHead } from '../src/types/index-manifest.ts';
import type { BegunJournal, BuildPlan, Journal, PlanDifference, StageName } from './build-plan.ts';
import {
  isSamePlan,
  planDifferences,
  readJournal,
  stageNames,
  writeJournal,
} from './build-plan.ts';
import { generationWithVectors } from './earlier-vectors.ts';
import {
  allGenerations,
  createGeneration,
  removeGenerations,
  removeLeftovers,
  unfinishedGenerations,
} from './generations.ts';
import { emptyFolder, indexFolder } from './index-folder.ts';
import type { Takeover } from './take-over.ts';
import { takeOver, takeoverProblem } from './take-over.ts';

/** A build that is to begin. */
export interface BuildStart extends JobContext {
  /** The index folder. */
  readonly folder: string;
  readonly plan: BuildPlan;
  readonly force: boolean;
}

/** Where a build stands: with an index that is what is wanted, or in a generation to be finished. */
export type Beginning =
  { readonly finished: IndexHead } | { readonly generation: string; readonly journal: Journal };

/** A generation in the folder; `journal` is undefined where it cannot be read. */
interface Found {
  readonly generation: string;
  readonly journal: BegunJournal | undefined;
  /** Of a finished one. */
  readonly head?: IndexHead;
}

/**
 * Says where the build begins, and makes its generation where there is none to go on with: with what
 * is of use in an earlier one, or empty. What the folder holds finished stays as it is. One that was
 * begun with another plan throws SSP_INDEX_DIFFERS unless `force` is given; with `force` what the
 * plan changes is made anew, and everything where the plan is the same. Whatever else is in a folder
 * that is no index, or with `force` in one that is, throws SSP_OUTPUT_FOREIGN. A kill in here changes
 * nothing.
 */
export async function beginBuild(start: BuildStart): Promise<Beginning> {
  const { folder, force, progress } = start;
  const head = await headOf(folder, force);
  const unfinished = await journalsOf(folder, await unfinishedGenerations(folder, head));
  const finished = head && { ...(await journalOf(folder, head.generation)), head };
  const isEmpty = head === undefined && (await allGenerations(folder)).length === 0;
  if (isEmpty || force) await refuseForeign(folder, isEmpty ? emptyFolder : indexFolder);
  if (!force && !isEmpty) refuseOther(start, finished, unfinished);
  await removeLeftovers(folder);
  const beginning = await (force ? beginForced : beginPlain)(start, finished, unfinished);
  if ('generation' in beginning) {
    const others = unfinished.map(({ generation }) => generation);
    const { generation: begun, journal } = beginning;
    const obsolete = others.filter((other) => other !== begun && other !== journal.vectorsFrom);
    await removeGenerations(folder, obsolete, progress);
  }
  return beginning;
}

/**
 * Undefined where nothing is finished; with `force` a damaged head counts as none, and so do the words of
 * an earlier analyzer.
 */
async function headOf(folder: string, force: boolean): Promise<IndexHead | undefined> {
  try {
    return await (force ? readHeadForBuild : readHead)(folder);
  } catch (error) {
    const isNone =
      isSspError(error, 'SSP_FILE_NOT_FOUND') || isSspError(error, 'SSP_INDEX_UNFINISHED');
    const isUseless =
      isSspError(error, 'SSP_INDEX_DAMAGED') || isSspError(error, 'SSP_INDEX_OUTDATED');
    if (isNone || (force && isUseless)) return undefined;
    throw error;
  }
}

function journalsOf(folder: string, generations: readonly string[]): Promise<Found[]> {
  return Promise.all(generations.map((generation) => journalOf(folder, generation)));
}

async function journalOf(folder: string, generation: string): Promise<Found> {
  try {
    return { generation, journal: await readJournal(dataFolder(folder, generation)) };
  } catch (error) {
    const isUnreadable =
      isSspError(error, 'SSP_FILE_INVALID') || isSspError(error, 'SSP_FILE_NOT_FOUND');
    if (!isUnreadable) throw error;
    return { generation, journal: undefined };
  }
}

/**
 * Throws SSP_INDEX_DIFFERS where neither the finished index is what is wanted nor the generation that
 * was begun last can become it.
 */
function refuseOther(
  { folder, plan }: BuildStart,
  finished: Found | undefined,
  unfinished: readonly Found[],
): void {
  if (isFinished(finished, plan) || unfinished.some((found) => canBecome(found, plan))) return;
  const latest = unfinished[0] ?? finished;
  if (latest === undefined || canBecome(latest, plan)) return;
  const differences =
    latest.journal === undefined
      ? ['its journal is damaged or of another version of ssp']
      : planDifferences(latest.journal.plan, plan).map(({ text }) => text);
  throw new SspError('SSP_INDEX_DIFFERS', { path: folder, differences: differences.join('; ') });
}

function isFinished(finished: Found | undefined, plan: BuildPlan): boolean {
  return finished?.journal !== undefined && isSamePlan(finished.journal.plan, plan);
}

function canBecome({ journal }: Found, plan: BuildPlan): boolean {
  return journal !== undefined && planDifferences(journal.plan, plan).length === 0;
}

/** Keeps what is finished, goes on with what was begun, or adds a mode to what is finished. */
async function beginPlain(
  start: BuildStart,
  finished: Found | undefined,
  unfinished: readonly Found[],
): Promise<Beginning> {
  const { plan, folder } = start;
  if (finished?.head !== undefined && isFinished(finished, plan)) {
    for (const { generation } of unfinished) {
      start.progress.note(
        `a build with other settings stays unfinished in ${dataFolder(folder, generation)}`,
      );
    }
    return { finished: finished.head };
  }
  const begun = unfinished.find((found) => canBecome(found, plan));
  if (begun !== undefined) return goOn(start, begun);
  return finished === undefined ? beginAnew(start) : beginFrom(start, finished, []);
}

/** Goes on with a forced build of the same plan, else begins with what is of most use. */
async function beginForced(
  start: BuildStart,
  finished: Found | undefined,
  unfinished: readonly Found[],
): Promise<Beginning> {
  const { plan } = start;
  const same = unfinished.find(
    ({ journal }) => journal?.forced === true && isSamePlan(journal.plan, plan),
  );
  if (same !== undefined) return goOn(start, same);
  const [best] = [...unfinished, ...(finished === undefined ? [] : [finished])]
    .flatMap((found) => {
      const redo =
        found.journal === undefined ? stageNames : stagesToRedo(found.journal.plan, plan);
      const kept = (found.journal?.done ?? []).filter((stage) => !redo.includes(stage));
      return redo.includes('passages') ? [] : [{ found, redo, kept: kept.length }];
    })
    .sort((a, b) => b.kept - a.kept);
  const isSameAgain = finished !== undefined && isFinished(finished, plan);
  const vectorsFrom = isSameAgain ? undefined : await generationWithVectors(start.folder, plan);
  return best === undefined
    ? beginAnew(start, vectorsFrom)
    : beginFrom(start, best.found, best.redo, vectorsFrom);
}

/** The stages whose work the plan `wanted` makes useless; all of them where nothing differs. */
function stagesToRedo(begun: BegunJournal['plan'], wanted: BuildPlan): readonly StageName[] {
  const differences: readonly PlanDifference[] = planDifferences(begun, wanted);
  if (differences.length === 0) return stageNames;
  const redo = new Set<StageName>();
  for (const { key } of differences) {
    if (key.startsWith('bm25')) redo.add('bm25');
    else if (key.startsWith('dense.vectorIndex') || key === 'dense.recallTarget')
      redo.add('vector-index');
    else if (key.startsWith('dense')) redo.add('vectors').add('vector-index');
    else return stageNames;
  }
  return stageNames.filter((stage) => redo.has(stage));
}

async function goOn(start: BuildStart, { generation, journal }: Found): Promise<Beginning> {
  if (journal === undefined) throw new Error('a generation without a journal is not gone on with');
  const wanted = { ...journal, plan: start.plan };
  await writeJournal(dataFolder(start.folder, generation), wanted);
  return { generation, journal: wanted };
}

async function beginAnew(
  { folder, plan, force }: BuildStart,
  vectorsFrom?: string,
): Promise<Beginning> {
  const journal: Journal = { plan, done: [], forced: force, vectorsFrom };
  const generation = await createGeneration(folder, (path) => writeJournal(path, journal));
  return { generation, journal };
}

/**
 * Begins a generation with what `found` holds. Where that is damaged it throws SSP_INDEX_DAMAGED;
 * with `force` nothing of it is taken over.
 */
async function beginFrom(
  start: BuildStart,
  { generation, journal, head }: Found,
  redo: readonly StageName[],
  vectorsFrom?: string,
): Promise<Beginning> {
  const { folder, plan, force, progress, signal } = start;
  const takeover: Takeover = { folder, generation, redo, files: head?.files };
  const problem = await takeoverProblem(takeover, progress, signal);
  if (problem !== undefined) {
    if (!force) throw new SspError('SSP_INDEX_DAMAGED', { path: folder, problem });
    progress.note(`nothing is taken over from the index before, as it is damaged: ${problem}`);
    return beginAnew(start);
  }
  const done = (journal?.done ?? []).filter((stage) => !redo.includes(stage));
  const begun: Journal = { plan, done, forced: force, vectorsFrom };
  const created = await createGeneration(folder, async (path) => {
    await takeOver(takeover, path, signal);
    await writeJournal(path, begun);
  });
  return { generation: created, journal: begun };
}
