import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { isSspError, SspError } from '../src/errors/error.ts';
import {
  connectTables,
  contentsColumn,
  databaseFolder,
  tableNames,
} from '../src/retrieval/lance-tables.ts';
import { createFolder } from '../src/storage/create-folder.ts';
import type { LockHolder } from '../src/storage/lock.ts';
import { withLock } from '../src/storage/lock.ts';
import type { OwnFolder } from '../src/storage/own-folder.ts';
import { isDiscarded, refuseForeign, removeAtOnce, removeOwn } from '../src/storage/own-folder.ts';
import type { BuildPlan, Journal, PlanDifference, StageName } from './build-plan.ts';
import {
  hasJournal,
  journalName,
  planDifferences,
  readJournal,
  stageNames,
  writeJournal,
} from './build-plan.ts';
import { stagingName } from './vector-staging.ts';

const temporaryName = 'tmp';
const lockName = 'build.lock';

/** What stands in a folder before the journal says that it is an index. */
const emptyFolder: OwnFolder = { files: [journalName], lock: lockName };
const stagedVectors: OwnFolder = { files: [stagingName] };
const indexFolder: OwnFolder = {
  ...emptyFolder,
  files: ['manifest.json', journalName, stagingName],
  folders: [
    [temporaryName, 'anything'],
    [basename(databaseFolder('.')), { folders: [[/^\w+\.lance$/, 'anything']] }],
  ],
};

/**
 * Runs `body` while nobody else builds or verifies the index in `folder`. Throws SSP_INDEX_BUSY
 * where somebody does.
 */
export function withIndexFolder<Result>(
  folder: string,
  body: () => Promise<Result>,
): Promise<Result> {
  const refuse = (holder: LockHolder): Error =>
    new SspError('SSP_INDEX_BUSY', { path: folder, ...holder });
  return withLock(join(folder, lockName), { refuse }, body);
}

/**
 * Makes `folder` ready for `plan` and gives its journal. A folder begun with another plan throws
 * SSP_INDEX_DIFFERS; with `force` what the plan changes is removed, and everything where the plan is
 * the same. Whatever else is in a folder that is no index, or with `force` in one that is, throws
 * SSP_OUTPUT_FOREIGN. A kill in here leaves a folder from
 * which either plan can be built.
 */
export async function prepareFolder(
  folder: string,
  plan: BuildPlan,
  force: boolean,
): Promise<Journal> {
  if (!hasJournal(folder)) {
    await refuseForeign(folder, emptyFolder);
    return record(folder, { plan, done: [] });
  }
  if (force) await refuseForeign(folder, indexFolder);
  const journal = await readJournal(folder).catch(unreadable);
  if (journal === undefined && !force) {
    throw differs(folder, ['its journal is damaged or of another version of ssp']);
  }
  await removeLeftovers(folder);
  if (journal === undefined) {
    await discard(folder, { plan, done: [] }, stageNames);
    return record(folder, { plan, done: [] });
  }
  const differences = planDifferences(journal.plan, plan);
  if (differences.length > 0 && !force) {
    throw differs(
      folder,
      differences.map(({ text }) => text),
    );
  }
  const redo = force ? stagesToRedo(differences) : [];
  if (redo.length > 0) await discard(folder, journal, redo);
  return record(folder, {
    plan: redo.includes('passages') ? plan : { ...journal.plan, ...plan },
    done: journal.done.filter((stage) => !redo.includes(stage)),
  });
}

function differs(path: string, differences: readonly string[]): SspError {
  return new SspError('SSP_INDEX_DIFFERS', { path, differences: differences.join('; ') });
}

function unreadable(error: unknown): undefined {
  if (!isSspError(error, 'SSP_FILE_INVALID')) throw error;
}

async function record(folder: string, journal: Journal): Promise<Journal> {
  await writeJournal(folder, journal);
  return journal;
}

/** The stages whose work other settings make useless; all of them where nothing differs. */
function stagesToRedo(differences: readonly PlanDifference[]): readonly StageName[] {
  if (differences.length === 0) return stageNames;
  const redo = new Set<StageName>();
  for (const { key } of differences) {
    if (key.startsWith('bm25')) redo.add('bm25');
    else if (key.startsWith('dense.vectorIndex')) redo.add('vector-index');
    else if (key.startsWith('dense')) redo.add('vectors').add('vector-index');
    else return stageNames;
  }
  return stageNames.filter((stage) => redo.has(stage));
}

/**
 * Removes what the stages made. The journal forgets them first, so that after a kill they are looked
 * at again; the manifest goes before the data, so that nothing half-built is served.
 */
async function discard(
  folder: string,
  journal: Journal,
  stages: readonly StageName[],
): Promise<void> {
  const done = journal.done.filter((stage) => !stages.includes(stage));
  await writeJournal(folder, { ...journal, done });
  await rm(join(folder, 'manifest.json'), { force: true });
  const database = databaseFolder(folder);
  if (stages.includes('passages')) await removeAtOnce(database, folder);
  else {
    if (stages.includes('vectors')) {
      await removeAtOnce(join(database, `${tableNames.vectors}.lance`), folder);
    } else if (stages.includes('vector-index')) {
      await dropIndex(folder, tableNames.vectors, 'vector');
    }
    if (stages.includes('bm25')) await dropIndex(folder, tableNames.passages, contentsColumn);
  }
  if (stages.includes('vectors')) await removeOwn(folder, stagedVectors);
}

async function dropIndex(folder: string, tableName: string, column: string): Promise<void> {
  const connection = await connectTables(folder);
  const table = await connection.openTable(tableName).catch(() => undefined);
  for (const { name, columns } of (await table?.listIndices()) ?? []) {
    if (columns.includes(column)) await table?.dropIndex(name);
  }
  table?.close();
}

async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name === temporaryName || isDiscarded(name)) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}

/**
 * Runs `work` with the engine's temporary files inside the folder: on the disk whose space was
 * checked, and where the next run removes what a kill leaves.
 */
export async function withTemporaryFolder<Value>(
  folder: string,
  work: () => Promise<Value>,
): Promise<Value> {
  const path = join(folder, temporaryName);
  const before = process.env['TMPDIR'];
  await createFolder(path);
  process.env['TMPDIR'] = path;
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    await rm(path, { recursive: true, force: true });
  }
}
