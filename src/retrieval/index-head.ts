import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { describeIssues } from '../config/issues.ts';
import { isSspError, SspError } from '../errors/error.ts';
import { writeJsonAtomic } from '../storage/atomic-file.ts';
import { hashOfValue } from '../storage/hash.ts';
import { otherKind } from '../storage/input-kind.ts';
import { readJsonFile } from '../storage/json-files.ts';
import type { IndexHead, IndexManifest } from '../types/index-manifest.ts';
import {
  earlierAnalyzerSchema,
  indexFormatVersion,
  indexHeadSchema,
  indexLayout,
} from '../types/index-manifest.ts';
import { manifestHash } from './manifest-identity.ts';

/** The file that says what an index folder holds; its replacement switches to another generation. */
export const headName = 'manifest.json';
/** The folder of the generations, below that of the index. */
export const generationsName = 'generations';
/** An index that an earlier version built: its files lie in the index folder itself. */
export const earlierLayout = '.';

/** Where the files of a generation lie. */
export function dataFolder(folder: string, generation: string): string {
  return generation === earlierLayout ? folder : join(folder, generationsName, generation);
}

/**
 * What the index folder holds. Throws SSP_FILE_NOT_FOUND where it is no index, SSP_INPUT_KIND where it
 * is something else that is known, SSP_INDEX_UNFINISHED
 * for a half-built one, SSP_INDEX_OUTDATED for one of an earlier version or whose words an earlier
 * analyzer divided, SSP_INDEX_DAMAGED where `manifest.json` is not what was written.
 */
export function readHead(folder: string): Promise<IndexHead> {
  return readHeadAs(folder, parseHead);
}

/**
 * The same for a build that may make the words anew: those of an earlier analyzer count as not there,
 * and the rest of the index is of use.
 */
export function readHeadForBuild(folder: string): Promise<IndexHead> {
  return readHeadAs(folder, (path, value) => parseHead(path, withoutEarlierWords(value)));
}

async function readHeadAs(
  folder: string,
  parse: (folder: string, value: JsonObject) => IndexHead,
): Promise<IndexHead> {
  const path = join(folder, headName);
  try {
    return parse(folder, await readJsonFile(path, 'index', jsonObjectSchema));
  } catch (error) {
    const other = await otherKind(folder, 'index');
    if (other !== undefined) throw other;
    if (isSspError(error, 'SSP_FILE_INVALID')) throw damagedHead(folder, error.details['problem']);
    if (isSspError(error, 'SSP_FILE_NOT_FOUND') && isBegun(folder)) {
      const progress = 'its build was interrupted or is still running.';
      throw new SspError('SSP_INDEX_UNFINISHED', { path: folder, progress });
    }
    throw error;
  }
}

/** Names an index: what is built anew has another name, and so has another manifest. */
export function indexName(generation: string, manifestHash: string): string {
  return `generation ${generation}, manifest ${manifestHash}`;
}

/**
 * Gives what names the index in `folder` whenever it is asked, undefined where that cannot be read.
 * `manifest.json` is read again only when it was replaced.
 */
export function indexNameReader(folder: string): () => Promise<string | undefined> {
  let [seen, name]: (string | undefined)[] = [];
  return async () => {
    const stats = await stat(join(folder, headName), { bigint: true }).catch(() => undefined);
    const now = stats && `${stats.ino} ${stats.mtimeNs} ${stats.size}`;
    if (now === undefined || now === seen) return now && name;
    const head = await readHead(folder).catch(() => undefined);
    name = head && indexName(head.generation, manifestHash(head.manifest));
    seen = now;
    return name;
  };
}

/** Replaces what the index folder holds, whole or not at all. */
export async function writeHead(folder: string, head: IndexHead): Promise<void> {
  const file = { layout: indexLayout, ...head };
  await writeJsonAtomic(join(folder, headName), { ...file, checksum: hashOfValue(file) });
}

function isBegun(folder: string): boolean {
  return [generationsName, 'journal.json'].some((name) => existsSync(join(folder, name)));
}

const jsonObjectSchema = z.record(z.string(), z.unknown());
type JsonObject = z.output<typeof jsonObjectSchema>;

function parseHead(folder: string, value: JsonObject): IndexHead {
  const manifest = ('layout' in value ? value['manifest'] : value) as Partial<IndexManifest> | null;
  const version: unknown = manifest?.formatVersion;
  const isEarlier = typeof version === 'number' && version < indexFormatVersion;
  if (isEarlier || hasEarlierWords(value))
    throw new SspError('SSP_INDEX_OUTDATED', { path: folder });
  const { layout, checksum, ...head } = parseWith(indexHeadSchema, folder, value);
  if (hashOfValue({ layout, ...head }) === checksum) return head;
  throw damagedHead(folder, 'its checksum is not that of what it says');
}

const earlierWordsSchema = z.looseObject({
  manifest: z.looseObject({ bm25: z.looseObject({ analyzer: earlierAnalyzerSchema }) }),
});

/** Whether it is whole and names an analyzer of an earlier version. */
function hasEarlierWords(value: JsonObject): boolean {
  const { checksum, ...file } = value;
  return earlierWordsSchema.safeParse(value).success && hashOfValue(file) === checksum;
}

/** A head of an index without the words that an earlier analyzer divided; another one as it is. */
function withoutEarlierWords(value: JsonObject): JsonObject {
  if (!hasEarlierWords(value)) return value;
  const manifest = Object.entries(value['manifest'] as JsonObject).filter(
    ([key]) => key !== 'bm25' && key !== 'fusion',
  );
  const rest = { ...value, manifest: Object.fromEntries(manifest), checksum: undefined };
  return { ...rest, checksum: hashOfValue(rest) };
}

function parseWith<Schema extends z.ZodType>(
  schema: Schema,
  folder: string,
  value: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw damagedHead(folder, describeIssues(parsed.error));
}

function damagedHead(path: string, problem: string | number = ''): SspError {
  return new SspError('SSP_INDEX_DAMAGED', { path, problem: `${headName}: ${problem}` });
}
