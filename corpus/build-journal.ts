import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { writeJsonAtomic } from '../src/storage/atomic-file.ts';
import { readJsonFile } from '../src/storage/json-files.ts';
import { corpusFileSchema } from '../src/types/corpus-manifest.ts';

const position = z.strictObject({ bytes: z.int().min(0), records: z.int().min(0) });

const journalSchema = z.strictObject({
  /** Hash of what must be the same for the work to be continued. */
  key: z.string(),
  /** Pages whose results stand in finished shards. */
  pages: z.int().min(0),
  /** Hash over those pages: the input must still begin with them. */
  pagesHash: z.string(),
  outcomes: z.record(z.string(), z.int().min(0)),
  shards: z.array(corpusFileSchema),
  /** How far the files that grow were written then. */
  aliases: position.optional(),
  anchors: position.optional(),
  failures: position.optional(),
});

/** How far an unfinished build came: written whenever a shard is finished. */
export type BuildJournal = z.output<typeof journalSchema>;
/** The builder's part of it. */
export type BuildState = Pick<BuildJournal, 'pages' | 'pagesHash' | 'outcomes'>;

export const journalName = 'journal.json';

export async function writeJournal(folder: string, journal: BuildJournal): Promise<void> {
  await writeJsonAtomic(join(folder, journalName), journal);
}

/**
 * The journal in `folder` if it was written with the same key and its shards are there; undefined
 * otherwise, and where it cannot be read: the work then starts over.
 */
export async function readJournal(folder: string, key: string): Promise<BuildJournal | undefined> {
  try {
    const journal = await readJsonFile(join(folder, journalName), 'build journal', journalSchema);
    if (journal.key !== key) return undefined;
    for (const shard of journal.shards) {
      const { size } = await stat(join(folder, shard.file));
      if (size !== shard.bytes) return undefined;
    }
    return journal;
  } catch {
    return undefined;
  }
}
