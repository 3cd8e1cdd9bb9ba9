import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

import { messageOf } from '../src/errors/error.ts';
import type { Progress } from '../src/progress/progress.ts';
import { dataFolder, earlierLayout, generationsName } from '../src/retrieval/index-head.ts';
import type { Reader } from '../src/retrieval/reader-lease.ts';
import { liveReaders } from '../src/retrieval/reader-lease.ts';
import { syncFolder } from '../src/storage/atomic-file.ts';
import { createFolder } from '../src/storage/create-folder.ts';
import {
  isDiscarded,
  refuseForeign,
  removeAtOnce,
  removeOwn,
  unfinishedPath,
} from '../src/storage/own-folder.ts';
import type { IndexHead } from '../src/types/index-manifest.ts';
import { journalName } from './build-plan.ts';
import { generationName, isUnfinishedName, ownGeneration } from './index-folder.ts';

// A generation is a folder of files that are never written again once the head names it; of what kind
// they are is not known here.

/** Every generation that the index folder holds, whole or not, the newest among them. */
export async function allGenerations(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, generationsName)).catch(() => []);
  const isEarlier = existsSync(join(folder, journalName));
  return [
    ...(isEarlier ? [earlierLayout] : []),
    ...names.filter((name) => generationName.test(name)),
  ];
}

/** Those that a build has begun and not finished; what somebody reads is none of them. */
export async function unfinishedGenerations(
  folder: string,
  head: IndexHead | undefined,
): Promise<string[]> {
  const readers = await liveReaders(folder);
  const finished = head === undefined ? [] : [head.generation, ...head.former];
  return (await allGenerations(folder)).filter(
    (generation) => !finished.includes(generation) && readerOf(readers, generation) === undefined,
  );
}

/**
 * A new generation with what `fill` puts into its folder; there is none before that is whole. Gives
 * its name.
 */
export async function createGeneration(
  folder: string,
  fill: (path: string) => Promise<void>,
): Promise<string> {
  const generation = randomUUID();
  const path = dataFolder(folder, generation);
  const unfinished = unfinishedPath(path);
  await createFolder(unfinished);
  try {
    await fill(unfinished);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
  await syncFolder(dirname(path));
  return generation;
}

/** Removes what killed builds have left of generations that were to come, or to go. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const place of [folder, join(folder, generationsName)]) {
    for (const name of await readdir(place).catch(() => [])) {
      const isLeft = isDiscarded(name) || (place !== folder && isUnfinishedName(name));
      if (isLeft) await rm(join(place, name), { recursive: true, force: true });
    }
  }
}

/**
 * Removes generations that the index is no more. One that somebody reads, or in which somebody has
 * put something, stays, and so does one that cannot be removed: that is told.
 */
export async function removeGenerations(
  folder: string,
  generations: readonly string[],
  progress: Progress,
): Promise<void> {
  const readers = await liveReaders(folder);
  for (const generation of generations) {
    const shown = `an earlier generation of the index (${dataFolder(folder, generation)}) stays`;
    const reader = readerOf(readers, generation);
    if (reader === undefined) {
      await removeGeneration(folder, generation).catch((error: unknown) => {
        progress.note(`${shown}: ${messageOf(error)}`);
      });
    } else {
      const { pid, host, lease } = reader;
      const who = `process ${pid} on ${host} reads it (${relative(folder, lease)})`;
      progress.note(`${shown}: ${who}; the next build or verify after its end removes it`);
    }
  }
}

async function removeGeneration(folder: string, generation: string): Promise<void> {
  if (generation === earlierLayout) {
    const { files = [], ...rest } = ownGeneration;
    await removeOwn(folder, { ...rest, files: files.filter((name) => name !== journalName) });
    await rm(join(folder, journalName), { force: true }); // what it is known by goes last
    return;
  }
  const path = dataFolder(folder, generation);
  await refuseForeign(path, ownGeneration);
  await removeAtOnce(path, dirname(path));
}

/** A lease that says nothing may be one on any generation. */
function readerOf(readers: readonly Reader[], generation: string): Reader | undefined {
  return readers.find((reader) => reader.generation === generation || reader.generation === '');
}
