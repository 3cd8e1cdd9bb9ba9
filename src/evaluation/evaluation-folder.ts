import { existsSync, writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { writeFileAtomic, writeJsonAtomic } from '../storage/atomic-file.ts';
import { createFolder } from '../storage/create-folder.ts';
import { jsonLine, readJsonFile, readJsonLines, writeJsonLines } from '../storage/json-files.ts';
import type { EvaluationRecord, EvaluationScores, EvaluationSetting } from '../types/evaluation.ts';
import { evaluationRecordSchema, evaluationSettingSchema } from '../types/evaluation.ts';
import { hasFailed } from './evaluate-questions.ts';
import type { SetRecords } from './scores.ts';
import { scoresDocument } from './scores-document.ts';
import { refuseOtherSetting } from './setting.ts';

const partialLineSchema = z.strictObject({ set: z.string(), record: evaluationRecordSchema });
type PartialLine = z.output<typeof partialLineSchema>;

/**
 * What an evaluation leaves in its folder: `setting.json`, written first; `partial.jsonl` while it
 * runs, a finished question a line; at the end `episodes/<set>.jsonl.gz`, `scores.md` and
 * `scores.json`, in this order.
 */
export class EvaluationFolder {
  readonly #path: string;
  readonly #kept: ReadonlyMap<string, EvaluationRecord>;
  readonly #partial: FileHandle;

  private constructor(
    path: string,
    kept: ReadonlyMap<string, EvaluationRecord>,
    partial: FileHandle,
  ) {
    this.#path = path;
    this.#kept = kept;
    this.#partial = partial;
  }

  /**
   * Opens the folder of an evaluation, or makes it. Finished questions are kept, those that failed
   * are not. Throws SSP_EVALUATION_DIFFERS where it holds one of another setting, and
   * SSP_FILE_INVALID or SSP_FILE_UNREADABLE for files that are damaged.
   */
  static async open(path: string, setting: EvaluationSetting): Promise<EvaluationFolder> {
    await createFolder(path);
    const settingPath = join(path, 'setting.json');
    if (existsSync(settingPath)) {
      const found = await readJsonFile(settingPath, 'setting', evaluationSettingSchema);
      refuseOtherSetting(path, found, setting);
    } else {
      await writeJsonAtomic(settingPath, setting);
    }
    const names = setting.sets.map(({ name }) => name);
    const lines = (await keptLines(path, names)).filter(({ record }) => !hasFailed(record));
    // Written anew, for the last line of a killed evaluation may be half a line.
    await writeJsonLines(partialPath(path), lines);
    const kept = new Map(lines.map(({ set, record }) => [keyOf(set, record.id), record]));
    return new EvaluationFolder(path, kept, await open(partialPath(path), 'a'));
  }

  /** What is known of a question from an earlier run. */
  kept(set: string, id: string): EvaluationRecord | undefined {
    return this.#kept.get(keyOf(set, id));
  }

  /** Keeps a question that was asked now. */
  add(set: string, record: EvaluationRecord): void {
    writeSync(this.#partial.fd, jsonLine({ set, record }));
  }

  /** Writes what an evaluation leaves at its end. */
  async finish(sets: readonly SetRecords[], scores: EvaluationScores): Promise<void> {
    await createFolder(join(this.#path, 'episodes'));
    for (const { name, records } of sets) {
      await writeJsonLines(episodesPath(this.#path, name), records);
    }
    await writeFileAtomic(join(this.#path, 'scores.md'), scoresDocument(scores));
    await writeJsonAtomic(join(this.#path, 'scores.json'), scores);
    await rm(partialPath(this.#path));
  }

  async close(): Promise<void> {
    await this.#partial.close();
  }
}

function partialPath(folder: string): string {
  return join(folder, 'partial.jsonl');
}

function episodesPath(folder: string, set: string): string {
  return join(folder, 'episodes', `${set}.jsonl.gz`);
}

function keyOf(set: string, id: string): string {
  return `${set}/${id}`;
}

/** Of an evaluation that was broken off, else of one that has ended, else none. */
async function keptLines(folder: string, sets: readonly string[]): Promise<PartialLine[]> {
  if (existsSync(partialPath(folder))) {
    return readJsonLines(partialPath(folder), 'evaluation', partialLineSchema);
  }
  const lines: PartialLine[] = [];
  for (const set of sets) {
    const path = episodesPath(folder, set);
    if (!existsSync(path)) continue;
    const records = await readJsonLines(path, 'evaluation', evaluationRecordSchema);
    for (const record of records) lines.push({ set, record });
  }
  return lines;
}
