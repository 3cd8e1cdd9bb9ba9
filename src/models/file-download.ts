import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { RequestError } from '../clients/retry.ts';
import { pause } from '../concurrency/pause.ts';
import { messageOf, SspError } from '../errors/error.ts';
import type { Stage } from '../progress/progress.ts';
import { createFolder } from '../storage/create-folder.ts';

/** SHA-256 of a file's bytes, or the SHA-1 that git gives a blob of them. */
export type Checksum =
  | { readonly kind: 'sha256'; readonly hex: string }
  | { readonly kind: 'git'; readonly hex: string };

/** A file to fetch and what its bytes must hash to. */
export interface RemoteFile {
  readonly url: string;
  readonly bytes: number;
  readonly checksum: Checksum;
}

const attemptsWithoutGain = 5;
const waitMs = 500;

/**
 * Fetches a file to `path`, which appears only whole and with the right checksum. What has arrived
 * is kept in a `.part` file and gone on with: after a lost connection, and in a later run. A file
 * that is there already is only checked. `stage` counts bytes. Throws SSP_DOWNLOAD_CHECKSUM, {@link RequestError} and the signal's reason.
 */
export async function downloadFile(
  file: RemoteFile,
  path: string,
  headers: Readonly<Record<string, string>>,
  stage: Stage,
  signal?: AbortSignal,
): Promise<void> {
  const part = `${path}.${file.checksum.hex.slice(0, 8)}.part`;
  await createFolder(dirname(path));
  if ((await sizeOf(path)) === file.bytes && (await checksumOf(path, file)) === file.checksum.hex) {
    stage.add(file.bytes);
    return;
  }
  stage.add(await sizeOf(part));
  for (let fruitless = 0; (await sizeOf(part)) < file.bytes;) {
    const before = await sizeOf(part);
    const problem = await fetchRest(file, part, before, headers, stage, signal);
    if (problem === undefined) break;
    fruitless = (await sizeOf(part)) > before ? 0 : fruitless + 1;
    if (fruitless >= attemptsWithoutGain) throw problem;
    await pause(waitMs * 2 ** fruitless, signal);
  }
  await verify(file, part);
  await rename(part, path);
}

/** One request for what is missing; gives what went wrong if trying again can help. */
async function fetchRest(
  { url }: RemoteFile,
  part: string,
  from: number,
  headers: Readonly<Record<string, string>>,
  stage: Stage,
  signal: AbortSignal | undefined,
): Promise<RequestError | undefined> {
  try {
    const range = from > 0 ? { range: `bytes=${from}-` } : {};
    const response = await fetch(url, {
      headers: { ...headers, ...range },
      signal: signal ?? null,
    });
    if (!response.ok || response.body === null) {
      const error = new RequestError(`HTTP ${response.status} for ${url}`, response.status);
      if (response.status === 429 || response.status >= 500) return error;
      throw error;
    }
    // A server that ignores the range sends the whole file again.
    const isRest = response.status === 206;
    if (!isRest) stage.add(-from);
    const body = response.body;
    await pipeline(counted(body, stage), createWriteStream(part, { flags: isRest ? 'a' : 'w' }));
    return undefined;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof RequestError) throw error;
    return new RequestError(messageOf((error as Error).cause ?? error), undefined, {
      cause: error,
    });
  }
}

async function* counted(body: AsyncIterable<Uint8Array>, stage: Stage): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    stage.add(chunk.length);
    yield chunk;
  }
}

async function verify(file: RemoteFile, part: string): Promise<void> {
  const found = await checksumOf(part, file);
  if (found === file.checksum.hex) return;
  await rm(part, { force: true });
  const { url, checksum } = file;
  throw new SspError('SSP_DOWNLOAD_CHECKSUM', { url, expected: checksum.hex, found });
}

async function checksumOf(path: string, { bytes, checksum }: RemoteFile): Promise<string> {
  const hash = createHash(checksum.kind === 'git' ? 'sha1' : 'sha256');
  if (checksum.kind === 'git') hash.update(`blob ${bytes}\0`);
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
