import { join, relative } from 'node:path';

import { engineFolder } from '../src/bm25/format.ts';
import type { Progress } from '../src/progress/progress.ts';
import { dataFiles } from '../src/retrieval/index-files.ts';
import { dataFolder } from '../src/retrieval/index-head.ts';
import { connectTables, databaseFolder, vectorTable } from '../src/retrieval/lance-tables.ts';
import { copyWhole, linkOrCopy } from '../src/storage/link-file.ts';
import { contentProblem } from '../src/storage/recorded-file.ts';
import type { IndexFile } from '../src/types/index-manifest.ts';
import { runsFolder } from './bm25-stage.ts';
import type { StageName } from './build-plan.ts';
import { journalName } from './build-plan.ts';
import { temporaryName } from './index-folder.ts';
import { removeOrphans } from './tables.ts';
import { stagingName } from './vector-staging.ts';

/** What is taken over from a generation, and from which. */
export interface Takeover {
  /** The index folder. */
  readonly folder: string;
  readonly generation: string;
  /** Stages whose work is of no use any more; never `passages`, as then all of it would be. */
  readonly redo: readonly StageName[];
  /** What is recorded of the generation's files, where it is finished. */
  readonly files?: readonly IndexFile[] | undefined;
}

/**
 * Puts what a generation holds, but for what is of no use, into the folder `to`: as second names of
 * the same files, since finished files are never written again. The generation stays as it is.
 */
export async function takeOver(
  { folder, generation, redo }: Takeover,
  to: string,
  signal: AbortSignal,
): Promise<void> {
  for (const file of await dataFiles(folder, generation)) {
    if (!isTaken(file, redo)) continue;
    signal.throwIfAborted();
    const [source, target] = [join(dataFolder(folder, generation), file), join(to, file)];
    // Staged vectors are appended to.
    await (stagingName.test(file) ? copyWhole : linkOrCopy)(source, target);
  }
  if (redo.includes('vector-index') && !redo.includes('vectors')) await dropVectorIndex(to);
}

/**
 * What is wrong with the first file of a takeover that is not what was written; undefined where
 * nothing is, or nothing is recorded.
 */
export async function takeoverProblem(
  { folder, generation, redo, files = [] }: Takeover,
  progress: Progress,
  signal: AbortSignal,
): Promise<string | undefined> {
  const taken = files.filter(({ file }) => isTaken(file, redo));
  const bytes = taken.reduce((sum, entry) => sum + entry.bytes, 0);
  if (bytes === 0) return undefined;
  const stage = progress.stage('checking what is taken over', 'bytes', bytes);
  for (const entry of taken) {
    const path = join(dataFolder(folder, generation), entry.file);
    const onBytes = (count: number): void => {
      stage.add(count);
    };
    const problem = await contentProblem(path, entry, { signal, onBytes });
    if (problem !== undefined) return `${relative(folder, path)}: ${problem}`;
  }
  stage.end();
  return undefined;
}

/** Whether a file is of use where some stages are done again. */
function isTaken(file: string, redo: readonly StageName[]): boolean {
  if (file === journalName || file.startsWith(`${temporaryName}/`)) return false;
  const isOfVectors = stagingName.test(file) || file.startsWith(`${databaseFolder('.')}/`);
  const isOfWords = [engineFolder, runsFolder].some((folder) => file.startsWith(`${folder}/`));
  return !(isOfVectors && redo.includes('vectors')) && !(isOfWords && redo.includes('bm25'));
}

async function dropVectorIndex(folder: string): Promise<void> {
  const connection = await connectTables(folder);
  const table = await connection.openTable(vectorTable).catch(() => undefined);
  if (table === undefined) return;
  for (const { name, columns } of await table.listIndices()) {
    if (columns.includes('vector')) await table.dropIndex(name);
  }
  await removeOrphans(folder, table);
  table.close();
}
