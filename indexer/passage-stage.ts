import { join } from 'node:path';

import {
  aliasJson,
  aliasRecords,
  passageJson,
  passageRecords,
  passagesFolder,
} from '../src/retrieval/passage-files.ts';
import { createFolder } from '../src/storage/create-folder.ts';
import { segmentRecords, wholeRecords, writeSegment } from '../src/storage/record-segments.ts';
import { inBatches } from './arrow-rows.ts';
import type { BuildContext } from './build-context.ts';
import { runTasks } from './build-threads.ts';
import { temporaryName } from './index-folder.ts';

/** Stage `passages`: copies passages and redirects into records, from the last whole segment on. */
export async function storePassages(context: BuildContext): Promise<void> {
  const { folder, corpus } = context;
  const { passages, aliases } = corpus.manifest;
  await createFolder(join(folder, passagesFolder));
  await storeRecords(context, passageRecords, passages, async function* (first) {
    for await (const passage of corpus.passages(first)) yield passageJson(passage);
  });
  await storeRecords(context, aliasRecords, aliases, async function* (first) {
    let number = 0;
    for await (const alias of corpus.aliases()) {
      if (number >= first) yield aliasJson(alias);
      number += 1;
    }
  });
}

async function storeRecords(
  { folder, progress, signal }: BuildContext,
  name: string,
  count: number,
  recordsFrom: (first: number) => AsyncGenerator<string>,
): Promise<void> {
  const path = join(folder, passagesFolder);
  let stored = wholeRecords(path, name, count);
  if (stored === count) return;
  if (stored > 0) progress.note(`${name}: going on after ${stored}`);
  const stage = progress.stage(name, name, count - stored);
  const reported = 4096;
  for await (const batch of inBatches(
    told(recordsFrom(stored), reported, (count) => {
      stage.add(count);
    }),
    segmentRecords,
  )) {
    signal.throwIfAborted();
    writeSegment(path, name, stored, batch);
    stored += batch.length;
  }
  stage.end();
}

/** Tells of records as they go by: a segment takes seconds. */
async function* told(
  records: AsyncIterable<string>,
  every: number,
  add: (count: number) => void,
): AsyncGenerator<string> {
  let count = 0;
  for await (const record of records) {
    yield record;
    count += 1;
    if (count % every === 0) add(every);
  }
  add(count % every);
}

/** Stage `lookup`: the orders in which passages are found by id and title, and redirects. */
export async function indexLookups({
  folder,
  corpus,
  progress,
  signal,
}: BuildContext): Promise<void> {
  const { passages, aliases } = corpus.manifest;
  const counts = { passages, aliases };
  const stage = progress.stage('lookup by id and title', 'records', 4 * passages + 2 * aliases);
  const temporaryFolder = join(folder, temporaryName);
  const tasks = (['id', 'title', 'alias'] as const).map((by) => {
    return { kind: 'sort' as const, folder, temporaryFolder, counts, by };
  });
  const onProgress = (count: number): void => {
    stage.add(count);
  };
  await runTasks(tasks, { signal, onProgress, passages: passages + aliases });
  stage.end();
}
