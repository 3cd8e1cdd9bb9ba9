import { open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Progress } from '../src/progress/progress.ts';
import { dataFiles } from '../src/retrieval/index-files.ts';
import { dataFolder } from '../src/retrieval/index-head.ts';
import { syncFolder } from '../src/storage/atomic-file.ts';
import { hashFile } from '../src/storage/hash.ts';
import type { IndexFile } from '../src/types/index-manifest.ts';
import { temporaryName } from './index-folder.ts';

/**
 * Size and hash of every file of a generation, which is on the disk when this returns: what is said
 * of the files outlives a power cut no sooner than they do. Throws the signal's reason once it is
 * aborted.
 */
export async function recordFiles(
  folder: string,
  generation: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<IndexFile[]> {
  const root = dataFolder(folder, generation);
  const found = await dataFiles(folder, generation);
  const files = found.filter((file) => !file.startsWith(`${temporaryName}/`));
  const stage = progress.stage('hashing files', 'files', files.length);
  const records: IndexFile[] = [];
  for (const file of files) {
    const path = join(root, file);
    await syncFile(path);
    const { size: bytes } = await stat(path);
    records.push({ file, bytes, sha256: await hashFile(path, { signal }) });
    stage.add(1);
  }
  for (const inside of new Set(files.map((file) => dirname(file)))) {
    await syncFolder(join(root, inside));
  }
  stage.end();
  return records;
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
