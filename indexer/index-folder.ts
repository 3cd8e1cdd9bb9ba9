import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { engineFolder } from '../src/bm25/format.ts';
import { SspError } from '../src/errors/error.ts';
import { generationsName, headName } from '../src/retrieval/index-head.ts';
import { databaseFolder } from '../src/retrieval/lance-tables.ts';
import { passagesFolder } from '../src/retrieval/passage-files.ts';
import { leaseName, readersName } from '../src/retrieval/reader-lease.ts';
import { createFolder } from '../src/storage/create-folder.ts';
import type { LockHolder } from '../src/storage/lock.ts';
import { withLock } from '../src/storage/lock.ts';
import type { OwnFolder } from '../src/storage/own-folder.ts';
import { runsFolder } from './bm25-stage.ts';
import { journalName } from './build-plan.ts';
import { stagingName } from './vector-staging.ts';

/** Names of generations, and of folders that are to become one. */
export const generationName = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;
const unfinishedName = /^\.[\da-f-]{36}\.[\da-f-]{36}\.tmp$/;
/** Of the engine, in a generation while it is built. */
export const temporaryName = 'tmp';
const lockName = 'build.lock';
const sectionName = /^[a-z\d-]+\.bin$/;

/** What a build makes in the folder of a generation. */
export const ownGeneration: OwnFolder = {
  files: [journalName, stagingName],
  folders: [
    [temporaryName, 'anything'],
    [basename(databaseFolder('.')), { folders: [[/^\w+\.lance$/, 'anything']] }],
    [passagesFolder, { files: [sectionName] }],
    [engineFolder, { files: [sectionName] }],
    [runsFolder, { files: [sectionName] }],
  ],
};
const readers: OwnFolder = { files: [leaseName] };

/** What stands in a folder in which no build has begun yet. */
export const emptyFolder: OwnFolder = {
  folders: [
    [generationsName, { folders: [[unfinishedName, 'anything']] }],
    [readersName, readers],
  ],
  lock: lockName,
};
/** All that stands in the folder of an index; one of an earlier version is a generation itself. */
export const indexFolder: OwnFolder = {
  files: [headName, ...(ownGeneration.files ?? [])],
  folders: [
    [
      generationsName,
      {
        folders: [
          [generationName, ownGeneration],
          [unfinishedName, 'anything'],
        ],
      },
    ],
    [readersName, readers],
    ...(ownGeneration.folders ?? []),
  ],
  lock: lockName,
};

/** Whether a name below `generations` is that of a folder that was to become one. */
export function isUnfinishedName(name: string): boolean {
  return unfinishedName.test(name);
}

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
 * Runs `work` with the engine's temporary files inside the folder of a generation: on the disk whose
 * space was checked, and where the next run removes what a kill leaves.
 */
export async function withTemporaryFolder<Value>(
  folder: string,
  work: () => Promise<Value>,
): Promise<Value> {
  const path = join(folder, temporaryName);
  const before = process.env['TMPDIR'];
  await rm(path, { recursive: true, force: true });
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
