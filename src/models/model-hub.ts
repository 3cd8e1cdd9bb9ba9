import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { RequestError } from '../clients/retry.ts';
import { isSspError, messageOf, SspError } from '../errors/error.ts';
import type { Progress } from '../progress/progress.ts';
import { cacheFolder, writingToCache } from '../storage/cache-folder.ts';
import type { LockHolder } from '../storage/lock.ts';
import { withLock } from '../storage/lock.ts';
import { downloadFile } from './file-download.ts';
import type { HubCache, HubFile, Snapshot } from './hub-cache.ts';

export interface DownloadOptions {
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

/** True for `organisation/name`, the form of a hub id. */
export function isHubId(model: string): boolean {
  return /^[\w.-]+\/[\w.-]+$/.test(model) && !model.startsWith('.');
}

/** A model on the hub, and which of its files are needed. */
export interface HubModel {
  readonly model: string;
  /**
   * The files to fetch of those that the model has, in this order; the weights come last. Throws where
   * what is needed is not among them.
   */
  readonly choose: (paths: readonly string[]) => readonly string[];
  /** The files that a folder lacks of those without which it cannot be used. */
  readonly missing: (folder: string) => Promise<readonly string[]>;
}

/**
 * The folder of a hub model, from the first place that has all of it: a folder that was filled by hand
 * (or by an earlier version of ssp) in the project's cache; the cache of the Hugging Face libraries
 * (HF_HUB_CACHE, HF_HOME), where nothing is asked of the hub once it was whole; else the hub at
 * HF_ENDPOINT (https://huggingface.co), from which what is missing comes into that cache, at the
 * revision that `main` has now and with each file checked against the hub's checksum. HF_TOKEN is sent
 * as a bearer token; with HF_HUB_OFFLINE, and where the hub cannot be reached, what other programs have
 * downloaded will do. Throws SSP_MODEL_OFFLINE, SSP_MODEL_NOT_ON_HUB, SSP_DOWNLOAD_CHECKSUM, and what
 * `choose` throws.
 */
export async function modelFromHub(wanted: HubModel, options: DownloadOptions): Promise<string> {
  const byHand = join(cacheFolder(), 'models', wanted.model.replace('/', '--'));
  if ((await wanted.missing(byHand)).length === 0) return byHand;
  const { cacheOf } = await import('./hub-client.ts');
  const cache = cacheOf(wanted.model);
  const found = await cache.main();
  if (found !== undefined && (await isWhole(found, wanted))) return found.folder;
  if (isOffline()) {
    const error = new RequestError('HF_HUB_OFFLINE is set');
    return usable(found, wanted, options, await hubError(error, wanted, byHand));
  }
  const onWait = ({ pid, host, lock }: LockHolder): void => {
    const holder = `Process ${pid} on ${host} is downloading ${wanted.model}`;
    options.progress.note(`${holder} (${lock}); waiting for it.`);
  };
  const fetched = async (): Promise<string> => {
    const now = await cache.main();
    if (now !== undefined && (await isWhole(now, wanted))) return now.folder;
    try {
      return await download(wanted, cache, options);
    } catch (error) {
      return usable(now, wanted, options, await hubError(error, wanted, byHand));
    }
  };
  return writingToCache('HF_HOME', () => withLock(cache.lock, { ...options, onWait }, fetched));
}

function isOffline(): boolean {
  return /^(1|on|yes|true)$/i.test(process.env['HF_HUB_OFFLINE'] ?? '');
}

/** True if a snapshot has all files that were chosen of those on the hub, as far as these are known. */
async function isWhole({ folder, paths }: Snapshot, { choose }: HubModel): Promise<boolean> {
  if (paths === undefined) return false;
  try {
    const present = choose(paths).map((path) => stat(join(folder, path)));
    return (await Promise.all(present)).length > 0;
  } catch {
    return false; // a file is missing, or what is needed was not on the hub
  }
}

/** A snapshot that has what is needed, for want of a hub that tells whether there is more; else throws. */
async function usable(
  found: Snapshot | undefined,
  { model, missing }: HubModel,
  { progress }: DownloadOptions,
  error: unknown,
): Promise<string> {
  const isUnreachable = isSspError(error) && error.code === 'SSP_MODEL_OFFLINE';
  if (!isUnreachable || found === undefined || (await missing(found.folder)).length > 0)
    throw error;
  progress.note(`${model} is used as it lies in ${found.folder}: ${error.details['problem']}.`);
  return found.folder;
}

async function download(
  { model, choose }: HubModel,
  cache: HubCache,
  { progress, signal }: DownloadOptions,
): Promise<string> {
  const { fileUrl, hubHeaders, listModel } = await import('./hub-client.ts');
  const { revision, files } = await listModel(model, signal);
  const byPath = new Map(files.map((file) => [file.path, file]));
  const chosen = choose([...byPath.keys()]).flatMap((path) => byPath.get(path) ?? []);
  const missing: HubFile[] = [];
  for (const file of chosen) if (!(await cache.has(revision, file))) missing.push(file);
  const bytes = missing.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes > 0) progress.note(`Downloading ${model} (revision ${revision.slice(0, 12)})`);
  const stage = progress.stage('downloading', 'bytes', bytes);
  for (const file of missing) {
    const remote = { ...file, url: fileUrl(model, revision, file.path) };
    await downloadFile(remote, cache.blob(file), hubHeaders(), stage, signal);
    await cache.add(revision, file);
  }
  stage.end();
  return cache.finish(revision, model, [...byPath.keys()]);
}

/** Says what to do about a failed request; other errors are passed on. */
async function hubError(
  error: unknown,
  { model, missing }: HubModel,
  folder: string,
): Promise<unknown> {
  if (!(error instanceof RequestError)) return error;
  const { hubAddress } = await import('./hub-client.ts');
  const { status, message: problem } = error;
  if (status === 401 || status === 403 || status === 404) {
    return new SspError('SSP_MODEL_NOT_ON_HUB', { model, hub: hubAddress(), status });
  }
  const files = (await missing(folder)).join(', ');
  const details = { model, hub: hubAddress(), problem: messageOf(problem), folder, files };
  return new SspError('SSP_MODEL_OFFLINE', details, { cause: error });
}
