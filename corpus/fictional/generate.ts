import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { SspError } from '../../src/errors/error.ts';
import type { Progress } from '../../src/progress/progress.ts';
import { writeJsonAtomic } from '../../src/storage/atomic-file.ts';
import { createFolder } from '../../src/storage/create-folder.ts';
import { writeError, writingAt } from '../../src/storage/file-errors.ts';
import { withOutputLock } from '../../src/storage/lock.ts';
import type { OwnFolder } from '../../src/storage/own-folder.ts';
import { refuseForeign, removeOwn } from '../../src/storage/own-folder.ts';
import { toolVersion } from '../../src/version.ts';
import { dumpXml } from './dump.ts';
import { facts } from './facts.ts';
import { kinds } from './kinds.ts';
import { maxPairs } from './names.ts';
import type { PageSort, WikiPage } from './pages.ts';
import { pageSorts, wikiPages } from './pages.ts';
import { makeQuestions } from './questions.ts';
import type { World, WorldSize } from './world.ts';
import { createWorld } from './world.ts';

/** The manifest, written last. */
export const worldManifestName = 'world.json';

const fileNames = ['dump.xml', 'facts.jsonl', 'questions.jsonl'] as const;
type FileName = (typeof fileNames)[number];
const partialName = '.partial';
const lockName = '.lock';

const unfinishedFolder: OwnFolder = { folders: [[partialName, { files: fileNames }]] };
const worldFolder: OwnFolder = {
  ...unfinishedFolder,
  first: [worldManifestName],
  files: fileNames,
  lock: lockName,
};

export interface GenerateOptions extends WorldSize {
  readonly out: string;
  /** Questions at most; they come in equal parts of 1, 2 and 3 hops. */
  readonly questions: number;
  /** Whether a hop may lead back from an object to its subject. Default true. */
  readonly inverse?: boolean;
  /** Replace a finished encyclopedia in `out`. */
  readonly force: boolean;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** `world.json`: what was made, from what. A folder without it is half-written. */
export interface WorldManifest extends WorldSize {
  readonly formatVersion: 1;
  readonly toolVersion: string;
  readonly kinds: Readonly<Record<string, number>>;
  readonly pages: Readonly<Record<PageSort, number>>;
  readonly facts: number;
  readonly questions: number;
  readonly files: readonly WrittenFile[];
}

/**
 * Writes a fictional encyclopedia into `out`: `dump.xml` (a MediaWiki export), `facts.jsonl`,
 * `questions.jsonl` and last `world.json`; they come together, at the end. The same seed and size
 * give the same bytes. Pages are made while they are written, so memory holds the world's numbers
 * only. Throws SSP_OUTPUT_IN_USE where another command writes there, SSP_OUTPUT_EXISTS where one of
 * these files stands and `force` is not set, with it SSP_OUTPUT_FOREIGN where anything else does, and
 * SSP_INTERRUPTED when `signal` is aborted.
 */
export function generateEncyclopedia(options: GenerateOptions): Promise<WorldManifest> {
  const { out, force } = options;
  return withOutputLock({ out, lock: join(out, lockName) }, async () => {
    if (force) await refuseForeign(out, worldFolder);
    else refuseExisting(out);
    await removeOwn(out, unfinishedFolder);
    await createFolder(join(out, partialName));
    try {
      const manifest = await writeWorld(options);
      await publish(out, manifest);
      return manifest;
    } finally {
      await removeOwn(out, unfinishedFolder);
    }
  });
}

/** A dump of this name may well be one that somebody has fetched. */
function refuseExisting(out: string): void {
  const found = [worldManifestName, ...fileNames].find((name) => existsSync(join(out, name)));
  if (found === undefined) return;
  const what = found === worldManifestName ? 'a fictional encyclopedia' : `a file ${found}`;
  throw new SspError('SSP_OUTPUT_EXISTS', { path: out, what });
}

async function publish(out: string, manifest: WorldManifest): Promise<void> {
  await removeOwn(out, worldFolder, [partialName]);
  for (const name of fileNames) await rename(join(out, partialName, name), join(out, name));
  await writeJsonAtomic(join(out, worldManifestName), manifest);
}

async function writeWorld(options: GenerateOptions): Promise<WorldManifest> {
  const { progress } = options;
  if (options.entities > maxPairs) {
    progress.note(`Past ${maxPairs} entities the names of two words run out: most have three.`);
  }
  const manifest = await writeFiles(createWorld(options), options);
  if (manifest.questions === 0 && options.questions > 0) {
    progress.note('This world is too small for questions of three hops, so it has no questions.');
  }
  return manifest;
}

async function writeFiles(world: World, options: GenerateOptions): Promise<WorldManifest> {
  const pages = Object.fromEntries(pageSorts.map((sort) => [sort, 0])) as Record<PageSort, number>;
  const counted = function* (): Generator<WikiPage> {
    for (const page of wikiPages(world)) {
      pages[page.sort] += 1;
      yield page;
    }
  };
  const write = (file: FileName, lines: Iterable<string>): Promise<WrittenFile> =>
    writeTextFile(join(options.out, partialName), file, lines, options);
  const dump = await write('dump.xml', dumpXml(counted()));
  const factFile = await write('facts.jsonl', jsonLines(facts(world)));
  const questions = await makeQuestions(world, options.questions, {
    ...(options.inverse !== undefined && { inverse: options.inverse }),
    pause: async () => {
      await setImmediate();
      if (options.signal.aborted) throw interrupted('questions.jsonl', 0);
    },
  });
  const questionFile = await write('questions.jsonl', jsonLines(questions));
  return {
    formatVersion: 1,
    toolVersion,
    seed: options.seed,
    entities: options.entities,
    kinds: Object.fromEntries(
      kinds.map(({ name, plural }) => [plural, world.entitiesOf(name).count]),
    ),
    pages,
    facts: factFile.records,
    questions: questions.length,
    files: [dump, factFile, questionFile],
  };
}

function* jsonLines(values: Iterable<object>): Generator<string> {
  for (const value of values) yield `${JSON.stringify(value)}\n`;
}

/** A written file, as a manifest names it. */
interface WrittenFile {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Pieces it was written in: lines, or pages with head and end. */
  readonly records: number;
}

const chunkCharacters = 1 << 20;

/**
 * Writes `pieces` to `folder/file`, some megabytes of them in memory at a time.
 * Throws SSP_INTERRUPTED when `signal` is aborted.
 */
async function writeTextFile(
  folder: string,
  file: string,
  pieces: Iterable<string>,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: Progress },
): Promise<WrittenFile> {
  const hash = createHash('sha256');
  const stage = progress.stage(file, 'records');
  let bytes = 0;
  let records = 0;
  const path = join(folder, file);
  const handle = await writingAt(path, () => open(path, 'w'));
  try {
    for (const chunk of chunks(pieces)) {
      if (signal.aborted) throw interrupted(file, records);
      const data = Buffer.from(chunk.text);
      hash.update(data);
      await handle.writeFile(data);
      bytes += data.length;
      records += chunk.pieces;
      stage.add(chunk.pieces);
    }
    await handle.sync();
  } catch (error) {
    throw writeError(error, path);
  } finally {
    await handle.close();
  }
  stage.end();
  return { file, sha256: hash.digest('hex'), bytes, records };
}

function* chunks(pieces: Iterable<string>): Generator<{ text: string; pieces: number }> {
  let text = '';
  let count = 0;
  for (const piece of pieces) {
    text += piece;
    count += 1;
    if (text.length < chunkCharacters) continue;
    yield { text, pieces: count };
    text = '';
    count = 0;
  }
  if (count > 0) yield { text, pieces: count };
}

/** The error of a run that was stopped while it wrote `file`. */
function interrupted(file: string, records: number): SspError {
  return new SspError('SSP_INTERRUPTED', {
    progress: `${file} was at record ${records}`,
    resume: 'the encyclopedia is made anew from its seed.',
  });
}
