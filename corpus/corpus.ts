import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { messageOf, SspError } from '../src/errors/error.ts';
import { hashOf } from '../src/storage/hash.ts';
import { throwKindOr } from '../src/storage/input-kind.ts';
import { readJsonFile } from '../src/storage/json-files.ts';
import { contentProblem, sizeProblem } from '../src/storage/recorded-file.ts';
import type { CorpusFile, CorpusManifest } from '../src/types/corpus-manifest.ts';
import { corpusManifestSchema } from '../src/types/corpus-manifest.ts';
import type { Alias, Anchor, Passage } from '../src/types/passage.ts';
import { aliasSchema, anchorSchema, passageSchema } from '../src/types/passage.ts';
import { splitLines } from './lines.ts';

/** A finished corpus folder, read as streams: memory does not grow with its size. */
export interface Corpus {
  readonly manifest: CorpusManifest;
  /** Every passage, in corpus order, from row `startRow` on (0 by default). */
  passages(startRow?: number): AsyncGenerator<Passage>;
  aliases(): AsyncGenerator<Alias>;
  /** The links of its articles, in corpus order; none where the manifest names no file of them. */
  anchors(): AsyncGenerator<Anchor>;
}

/**
 * Opens the corpus at `folder`. Throws SSP_FILE_NOT_FOUND where there is no finished corpus, SSP_INPUT_KIND where there is something else, and
 * SSP_FILE_INVALID where its manifest contradicts itself; reading throws SSP_CORPUS_DAMAGED with file
 * and line where a file is missing or is not the one that was written. A file is hashed before its
 * first row is given away, once per opening: rows of a damaged one get nowhere.
 */
export async function openCorpus(folder: string): Promise<Corpus> {
  const manifest = await readManifest(folder);
  const hashed = new Set<CorpusFile>();

  async function* rows<Row>(
    entry: CorpusFile | undefined,
    schema: RowSchema<Row>,
    skip = 0,
  ): AsyncGenerator<Row> {
    if (entry === undefined) return;
    await checkFile(folder, entry, hashed.has(entry));
    hashed.add(entry);
    yield* readRows(join(folder, entry.file), entry.records, skip, schema);
  }

  return {
    manifest,
    async *passages(startRow = 0) {
      let firstRow = 0;
      for (const shard of manifest.shards) {
        const skip = Math.max(startRow - firstRow, 0);
        if (skip < shard.records) yield* rows(shard, passageSchema, skip);
        firstRow += shard.records;
      }
    },
    aliases: () => rows(manifest.aliasFile, aliasSchema),
    anchors: () => rows(manifest.anchorFile, anchorSchema),
  };
}

async function readManifest(folder: string): Promise<CorpusManifest> {
  const [path, what] = [join(folder, 'manifest.json'), 'corpus manifest'];
  const manifest = await readJsonFile(path, what, corpusManifestSchema).catch((error: unknown) =>
    throwKindOr(error, folder, 'corpus'),
  );
  const problem = contradictionIn(manifest);
  if (problem === undefined) return manifest;
  throw new SspError('SSP_FILE_INVALID', { what, path, problem });
}

/** What does not fit together in a manifest, as after a flipped bit; undefined where all does. */
function contradictionIn(manifest: CorpusManifest): string | undefined {
  const { shards, aliasFile, passages, aliases } = manifest;
  const written = shards.reduce((sum, { records }) => sum + records, 0);
  if (written !== passages) return `it names ${passages} passages and files of ${written}`;
  const redirects = aliasFile?.records ?? 0;
  if (redirects !== aliases) return `it names ${aliases} aliases and a file of ${redirects}`;
  const isWhole = corpusHashOf(shards, aliasFile) === manifest.corpusHash;
  return isWhole ? undefined : 'the corpus hash is not that of its files';
}

/** The identity of a corpus, from the hashes of its files. */
export function corpusHashOf(
  shards: readonly CorpusFile[],
  aliasFile: CorpusFile | undefined,
): string {
  const files = [...shards, ...(aliasFile === undefined ? [] : [aliasFile])];
  return hashOf(files.map(({ sha256 }) => `${sha256}\n`).join(''));
}

/** Throws SSP_CORPUS_DAMAGED where a file is not the one that was written. */
async function checkFile(folder: string, entry: CorpusFile, isHashed: boolean): Promise<void> {
  const path = join(folder, entry.file);
  const problem = isHashed ? await sizeProblem(path, entry) : await contentProblem(path, entry);
  if (problem !== undefined) throw new SspError('SSP_CORPUS_DAMAGED', { path, line: 0, problem });
}

interface RowSchema<Row> {
  parse(value: unknown): Row;
}

async function* readRows<Row>(
  path: string,
  records: number,
  skip: number,
  schema: RowSchema<Row>,
): AsyncGenerator<Row> {
  let read = 0;
  const damaged = (line: number, problem: string): SspError =>
    new SspError('SSP_CORPUS_DAMAGED', { path, line, problem });
  try {
    for await (const line of splitLines(unzipped(path))) {
      read = line.number;
      if (read > skip) yield schema.parse(JSON.parse(line.text));
    }
  } catch (error) {
    throw damaged(read, messageOf(error));
  }
  if (read !== records) throw damaged(read, `${records} lines were written`);
}

function unzipped(path: string): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip();
  // An error of either stream ends `gunzip`, and with it the loop that reads it.
  pipeline(createReadStream(path), gunzip, () => undefined);
  return gunzip;
}
