import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { messageOf, SspError } from '../src/errors/error.ts';
import { readJsonFile } from '../src/storage/json-files.ts';
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
 * Opens the corpus at `folder`. Throws SSP_FILE_NOT_FOUND where there is no finished corpus;
 * reading throws SSP_CORPUS_DAMAGED with file and line where a shard is missing, cut or altered.
 */
export async function openCorpus(folder: string): Promise<Corpus> {
  const manifest = await readJsonFile(
    join(folder, 'manifest.json'),
    'corpus manifest',
    corpusManifestSchema,
  );
  return {
    manifest,
    async *passages(startRow = 0) {
      let firstRow = 0;
      for (const shard of manifest.shards) {
        const skip = Math.max(startRow - firstRow, 0);
        if (skip < shard.records) yield* readRows(folder, shard, skip, passageSchema);
        firstRow += shard.records;
      }
    },
    async *aliases() {
      if (manifest.aliasFile !== undefined) {
        yield* readRows(folder, manifest.aliasFile, 0, aliasSchema);
      }
    },
    async *anchors() {
      if (manifest.anchorFile !== undefined) {
        yield* readRows(folder, manifest.anchorFile, 0, anchorSchema);
      }
    },
  };
}

async function* readRows<Row>(
  folder: string,
  entry: CorpusFile,
  skip: number,
  schema: { parse(value: unknown): Row },
): AsyncGenerator<Row> {
  const path = join(folder, entry.file);
  let read = 0;
  const damaged = (line: number, problem: string): SspError =>
    new SspError('SSP_CORPUS_DAMAGED', { path, line, problem });
  try {
    await checkSize(path, entry.bytes);
    for await (const line of splitLines(unzipped(path))) {
      read = line.number;
      if (read > skip) yield schema.parse(JSON.parse(line.text));
    }
  } catch (error) {
    throw damaged(read, messageOf(error));
  }
  if (read !== entry.records) throw damaged(read, `${entry.records} lines were written`);
}

/** A shard that lost or gained bytes is found before its first row is given away. */
async function checkSize(path: string, bytes: number): Promise<void> {
  const { size } = await stat(path);
  if (size !== bytes) throw new Error(`it has ${size} bytes, ${bytes} were written`);
}

function unzipped(path: string): AsyncIterable<Uint8Array> {
  const gunzip = createGunzip();
  // An error of either stream ends `gunzip`, and with it the loop that reads it.
  pipeline(createReadStream(path), gunzip, () => undefined);
  return gunzip;
}
