import { createHash } from 'node:crypto';
import { access, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { SspError } from '../../src/errors/error.ts';
import type { Progress } from '../../src/progress/progress.ts';
import { writeJsonAtomic } from '../../src/storage/atomic-file.ts';
import { createFolder } from '../../src/storage/create-folder.ts';
import { writeError, writingAt } from '../../src/storage/file-errors.ts';
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
 * `questions.jsonl` and last `world.json`. The same seed and size give the same bytes. Pages are
 * made while they are written, so memory holds the world's numbers only. Throws SSP_OUTPUT_EXISTS
 * where a finished one stands and `force` is not set, SSP_INTERRUPTED when `signal` is aborted.
 */
export async function generateEncyclopedia(options: GenerateOptions): Promise<WorldManifest> {
  const { out, progress } = options;
  const manifestPath = join(out, worldManifestName);
  if (!options.force && (await exists(manifestPath))) {
    throw new SspError('SSP_OUTPUT_EXISTS', { path: out, what: 'a fictional encyclopedia' });
  }
  await createFolder(out);
  await rm(manifestPath, { force: true });
  if (options.entities > maxPairs) {
    progress.note(`Past ${maxPairs} entities the names of two words run out: most have three.`);
  }
  const manifest = await writeWorld(createWorld(options), options);
  if (manifest.questions === 0 && options.questions > 0) {
    progress.note('This world is too small for questions of three hops, so it has no questions.');
  }
  await writeJsonAtomic(manifestPath, manifest);
  return manifest;
}

async function writeWorld(world: World, options: GenerateOptions): Promise<WorldManifest> {
  const pages = Object.fromEntries(pageSorts.map((sort) => [sort, 0])) as Record<PageSort, number>;
  const counted = function* (): Generator<WikiPage> {
    for (const page of wikiPages(world)) {
      pages[page.sort] += 1;
      yield page;
    }
  };
  const write = (file: string, lines: Iterable<string>): Promise<WrittenFile> =>
    writeTextFile(options.out, file, lines, options);
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
 * Writes `pieces` to `folder/file`, whole or not at all, some megabytes of them in memory at a time.
 * Throws SSP_INTERRUPTED when `signal` is aborted.
 */
async function writeTextFile(
  folder: string,
  file: string,
  pieces: Iterable<string>,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: Progress },
): Promise<WrittenFile> {
  const temporary = join(folder, `.${file}.tmp`);
  const hash = createHash('sha256');
  const stage = progress.stage(file, 'records');
  let bytes = 0;
  let records = 0;
  const handle = await writingAt(temporary, () => open(temporary, 'w'));
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
    await rename(temporary, join(folder, file));
  } catch (error) {
    throw writeError(error, join(folder, file));
  } finally {
    await handle.close();
    await rm(temporary, { force: true });
  }
  stage.end();
  return { file, sha256: hash.digest('hex'), bytes, records };
}

/** Whether something stands at `path`. */
async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
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
