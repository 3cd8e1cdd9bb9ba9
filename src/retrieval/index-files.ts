import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

import { SspError } from '../errors/error.ts';
import { contentProblem, sizeProblem } from '../storage/recorded-file.ts';
import type { IndexHead } from '../types/index-manifest.ts';
import type { HashingOptions, IndexFiles } from '../types/retriever.ts';
import { dataFolder } from './index-head.ts';

/** What is wrong with a file of an index. */
export interface FileProblem {
  /** Relative to the index folder. */
  readonly file: string;
  /** A clause: `it is missing`. */
  readonly problem: string;
}

/**
 * The files of a generation, whatever kind they are, relative to its folder with `/` between the
 * parts, in the order of their names. Throws what the system says where there is no such folder.
 */
export async function dataFiles(folder: string, generation: string): Promise<string[]> {
  const root = dataFolder(folder, generation);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
  return files.toSorted((a, b) => (a < b ? -1 : 1));
}

/** The files of the index that `head` names in `folder`. */
export function openIndexFiles(folder: string, head: IndexHead): IndexFiles {
  const { generation, files } = head;
  const pathOf = (file: string): string => join(dataFolder(folder, generation), file);
  return {
    count: files.length,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    async checkSizes() {
      for (const entry of files) {
        const problem = await sizeProblem(pathOf(entry.file), entry);
        if (problem !== undefined) throw damagedFile(folder, head, entry.file, problem);
      }
    },
    async checkHashes({ signal, onBytes, onFile }) {
      for (const entry of files) {
        signal.throwIfAborted();
        const problem = await contentProblem(pathOf(entry.file), entry, { signal, onBytes });
        if (problem !== undefined) throw damagedFile(folder, head, entry.file, problem);
        onFile?.();
      }
    },
  };
}

/**
 * Every file that is missing, has another size or another hash, and every one too many. Throws the signal's reason once it is aborted.
 */
export async function fileProblems(
  folder: string,
  { generation, files }: IndexHead,
  { signal, onBytes }: HashingOptions,
): Promise<FileProblem[]> {
  const problems: FileProblem[] = [];
  const shown = (file: string): string => shownPath(folder, generation, file);
  for (const entry of files) {
    const path = join(dataFolder(folder, generation), entry.file);
    const problem = await contentProblem(path, entry, { signal, onBytes });
    if (problem !== undefined) problems.push({ file: shown(entry.file), problem });
  }
  const known = new Set(files.map(({ file }) => file));
  const found = await dataFiles(folder, generation).catch(() => []);
  const extra = found.filter((file) => !known.has(file));
  const problem = 'the index has no such file: remove it';
  return [...problems, ...extra.map((file) => ({ file: shown(file), problem }))];
}

function damagedFile(
  path: string,
  { generation }: IndexHead,
  file: string,
  problem: string,
): SspError {
  const shown = shownPath(path, generation, file);
  return new SspError('SSP_INDEX_DAMAGED', { path, problem: `${shown}: ${problem}` });
}

function shownPath(folder: string, generation: string, file: string): string {
  return relative(folder, join(dataFolder(folder, generation), file));
}
