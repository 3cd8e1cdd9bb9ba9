import { link, readFile, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

import { z } from 'zod';

import { writeFileAtomic, writeJsonAtomic } from '../storage/atomic-file.ts';
import { createFolder } from '../storage/create-folder.ts';
import type { Checksum } from './file-download.ts';

/** A file of a model on the hub. */
export interface HubFile {
  readonly path: string;
  readonly bytes: number;
  readonly checksum: Checksum;
}

/** One version of a model as it lies in the cache; files of it may be missing. */
export interface Snapshot {
  /** Holds the model's files under their names. */
  readonly folder: string;
  /** Paths of all files that the hub has; undefined where another program has downloaded it. */
  readonly paths: readonly string[] | undefined;
}

const listingFile = 'ssp-download.json';
const listingSchema = z.looseObject({ paths: z.array(z.string()) });
const revisionForm = /^[0-9a-f]{7,64}$/;

/**
 * The place of one model in the cache of the Hugging Face libraries, which Python and other programs
 * share: the bytes in `blobs` under their checksums, a link to them for every file in
 * `snapshots/<revision>`, and in `refs/main` which revision that branch had last.
 */
export class HubCache {
  readonly #folder: string;
  /** Held while files are fetched. */
  readonly lock: string;

  /** `name` is the folder of the model in the cache `root`: `models--organisation--name`. */
  constructor(root: string, name: string) {
    this.#folder = join(root, name);
    this.lock = join(root, '.locks', name, 'ssp.lock');
  }

  /** The snapshot of the branch main; undefined where there is none. */
  async main(): Promise<Snapshot | undefined> {
    const text = await readFile(join(this.#folder, 'refs', 'main'), 'utf8').catch(() => '');
    const revision = text.trim();
    if (!revisionForm.test(revision)) return undefined;
    const folder = this.#snapshot(revision);
    return { folder, paths: await readListing(folder) };
  }

  /** True if the snapshot has the file, whoever has put it there. */
  async has(revision: string, { path, bytes }: HubFile): Promise<boolean> {
    return (await sizeOf(join(this.#snapshot(revision), path))) === bytes;
  }

  /** Where the bytes of a file belong. */
  blob({ checksum }: HubFile): string {
    return join(this.#folder, 'blobs', checksum.hex);
  }

  /** Puts a file whose bytes are there into the snapshot. */
  async add(revision: string, file: HubFile): Promise<void> {
    const [blob, path] = [this.blob(file), join(this.#snapshot(revision), file.path)];
    await createFolder(dirname(path));
    await rm(path, { force: true });
    // Windows lets few users make symbolic links.
    await symlink(relative(dirname(path), blob), path).catch(() => link(blob, path));
  }

  /** Says that `revision` is what main has, with everything that was wanted of it; gives its folder. */
  async finish(revision: string, model: string, paths: readonly string[]): Promise<string> {
    const folder = this.#snapshot(revision);
    await writeJsonAtomic(join(folder, listingFile), { model, revision, paths });
    const refs = join(this.#folder, 'refs');
    await createFolder(refs);
    await writeFileAtomic(join(refs, 'main'), revision);
    return folder;
  }

  #snapshot(revision: string): string {
    return join(this.#folder, 'snapshots', revision);
  }
}

/** What the hub has, as it was written with the snapshot; undefined where that is not to be read. */
async function readListing(folder: string): Promise<readonly string[] | undefined> {
  try {
    const text = await readFile(join(folder, listingFile), 'utf8');
    return listingSchema.parse(JSON.parse(text)).paths;
  } catch {
    return undefined;
  }
}

/** Bytes of a file, also at the end of a link; undefined without one. */
async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
}
