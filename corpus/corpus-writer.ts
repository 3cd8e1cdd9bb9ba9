import { access, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';

import { SspError } from '../src/errors/error.ts';
import { writeJsonAtomic } from '../src/storage/atomic-file.ts';
import { createFolder } from '../src/storage/create-folder.ts';
import { withOutputLock } from '../src/storage/lock.ts';
import type { OwnFolder } from '../src/storage/own-folder.ts';
import { refuseForeign, removeOwn } from '../src/storage/own-folder.ts';
import type { CorpusFile, CorpusManifest } from '../src/types/corpus-manifest.ts';
import { corpusFormatVersion } from '../src/types/corpus-manifest.ts';
import type { Alias, Anchor, Passage } from '../src/types/passage.ts';
import { toolVersion } from '../src/version.ts';
import type { BuildJournal, BuildState } from './build-journal.ts';
import { journalName, readJournal, writeJournal } from './build-journal.ts';
import { corpusHashOf } from './corpus.ts';
import type { LinesPosition } from './gzip-lines.ts';
import { GzipLinesWriter } from './gzip-lines.ts';

/** A record that could not become passages. */
export interface Failure {
  readonly title: string;
  readonly reason: string;
}

/** What only the command knows; the writer adds files, counts and hashes. */
export type ManifestHead = Pick<
  CorpusManifest,
  'source' | 'inputs' | 'site' | 'options' | 'outcomes' | 'read'
>;

const manifestName = 'manifest.json';
/** The files that grow beside the shards, from the first page to the last. */
const sides = ['aliases', 'anchors', 'failures'] as const;
type Side = (typeof sides)[number];
const partialName = '.partial';
const ownName = /^(?:passages-\d{5,}|aliases|anchors|failures)\.jsonl\.gz$/;

const lockName = '.lock';

/** What an unfinished run leaves; the rest of a corpus folder comes with its end. */
const unfinishedFolder: OwnFolder = {
  folders: [[partialName, { first: [journalName], files: [ownName] }]],
};
const corpusFolder: OwnFolder = {
  ...unfinishedFolder,
  first: [manifestName],
  files: [ownName],
  lock: lockName,
};

/**
 * Runs `body` while no other command writes the corpus folder `out`. Throws SSP_OUTPUT_IN_USE where
 * one does; SSP_OUTPUT_EXISTS where a finished corpus stands there, with `force` only
 * SSP_OUTPUT_FOREIGN where anything else does.
 */
export function withCorpusFolder<Result>(
  { out, force }: { readonly out: string; readonly force: boolean },
  body: () => Promise<Result>,
): Promise<Result> {
  return withOutputLock({ out, lock: join(out, lockName) }, async () => {
    if (force) await refuseForeign(out, corpusFolder);
    else if (await exists(join(out, manifestName))) {
      throw new SspError('SSP_OUTPUT_EXISTS', { path: out, what: 'a finished corpus' });
    }
    return body();
  });
}

/**
 * Writes a corpus folder. Everything goes to `.partial` inside it; {@link finish} moves the files
 * out and the manifest last, so that a folder with a manifest is always whole.
 */
export class CorpusWriter {
  readonly #folder: string;
  readonly #partial: string;
  readonly #shardPassages: number;
  readonly #key: string;
  /** How far an earlier run came that this one continues. */
  readonly resumed: BuildState | undefined;
  readonly #shards: CorpusFile[];
  #shard: GzipLinesWriter | undefined;
  readonly #sides = new Map<Side, GzipLinesWriter>();

  private constructor(
    folder: string,
    shardPassages: number,
    key: string,
    journal: BuildJournal | undefined,
  ) {
    this.#folder = folder;
    this.#partial = join(folder, partialName);
    this.#shardPassages = shardPassages;
    this.#key = key;
    this.resumed = journal;
    this.#shards = [...(journal?.shards ?? [])];
  }

  /**
   * Goes on with an unfinished run in `folder` that had the same `key`; otherwise removes what such
   * a run left there and starts anew, as always without a key and with `restart`.
   */
  static async open(
    folder: string,
    shardPassages: number,
    key?: string,
    restart = false,
  ): Promise<CorpusWriter> {
    const partial = join(folder, partialName);
    const journal = key === undefined || restart ? undefined : await readJournal(partial, key);
    const writer = new CorpusWriter(folder, shardPassages, key ?? '', journal);
    if (journal === undefined) await removeOwn(folder, unfinishedFolder);
    await createFolder(partial);
    for (const side of sides) {
      if (journal?.[side] !== undefined) await writer.#openSide(side, journal[side]);
    }
    return writer;
  }

  async passage(passage: Passage): Promise<void> {
    this.#shard ??= await this.#open(shardName(this.#shards.length));
    await this.#shard.write(passage);
  }

  /** Adds a passage that is written as a line of JSON already, with its end. */
  async passageLine(line: string): Promise<void> {
    this.#shard ??= await this.#open(shardName(this.#shards.length));
    await this.#shard.writeLine(line);
  }

  async alias(alias: Alias): Promise<void> {
    await this.#write('aliases', alias);
  }

  async anchor(anchor: Anchor): Promise<void> {
    await this.#write('anchors', anchor);
  }

  async failure(failure: Failure): Promise<void> {
    await this.#write('failures', failure);
  }

  /**
   * Ends the shard if it is full: to be called where a page or record ends. With a state the
   * journal is written too.
   */
  async cut(state?: () => BuildState): Promise<void> {
    if (this.#shard === undefined || this.#shard.records < this.#shardPassages) return;
    await this.#endShard();
    if (state === undefined) return;
    const positions: Partial<Record<Side, LinesPosition>> = {};
    for (const [side, file] of this.#sides) positions[side] = await file.flush();
    await writeJournal(this.#partial, {
      ...{ key: this.#key, ...state(), shards: this.#shards },
      ...positions,
    });
  }

  /** Publishes the corpus and gives its manifest. */
  async finish(head: ManifestHead): Promise<CorpusManifest> {
    await this.#endShard();
    const aliasFile = await this.#sides.get('aliases')?.close();
    const anchorFile = await this.#sides.get('anchors')?.close();
    const failureFile = await this.#sides.get('failures')?.close();
    const manifest: CorpusManifest = {
      formatVersion: corpusFormatVersion,
      toolVersion,
      ...head,
      passages: this.savedPassages,
      aliases: aliasFile?.records ?? 0,
      shards: this.#shards,
      ...(aliasFile === undefined ? {} : { aliasFile }),
      ...(anchorFile === undefined ? {} : { anchorFile }),
      ...(failureFile === undefined ? {} : { failureFile }),
      corpusHash: corpusHashOf(this.#shards, aliasFile),
    };
    await this.#publish(manifest);
    return manifest;
  }

  /** Stops without finishing: finished shards stay for a run that continues, if there are any. */
  async suspend(): Promise<void> {
    for (const file of [this.#shard, ...this.#sides.values()]) await file?.abandon();
    if (this.#shards.length > 0 && this.#key !== '') return;
    await removeOwn(this.#folder, unfinishedFolder);
  }

  /** Passages in finished shards: what a run that continues does not do again. */
  get savedPassages(): number {
    return this.#shards.reduce((sum, shard) => sum + shard.records, 0);
  }

  #open(name: string): Promise<GzipLinesWriter> {
    return GzipLinesWriter.open(join(this.#partial, name));
  }

  async #write(side: Side, row: object): Promise<void> {
    const file = this.#sides.get(side) ?? (await this.#openSide(side));
    await file.write(row);
  }

  async #openSide(side: Side, from?: LinesPosition): Promise<GzipLinesWriter> {
    const file = await GzipLinesWriter.open(join(this.#partial, `${side}.jsonl.gz`), from);
    this.#sides.set(side, file);
    return file;
  }

  async #endShard(): Promise<void> {
    if (this.#shard === undefined) return;
    const entry = await this.#shard.close();
    this.#shard = undefined;
    this.#shards.push(entry);
  }

  async #publish(manifest: CorpusManifest): Promise<void> {
    await removeOwn(this.#folder, corpusFolder, [partialName]);
    for (const name of await readdir(this.#partial)) {
      if (ownName.test(name)) await rename(join(this.#partial, name), join(this.#folder, name));
    }
    await writeJsonAtomic(join(this.#folder, manifestName), manifest);
    await removeOwn(this.#folder, unfinishedFolder);
  }
}

function shardName(number: number): string {
  return `passages-${String(number).padStart(5, '0')}.jsonl.gz`;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
